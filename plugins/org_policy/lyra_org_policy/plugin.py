"""The hook of the organisation policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lyra_core.plugins import hookimpl

if TYPE_CHECKING:
    from lyra_org_policy.policy import Verdict


@hookimpl
def lyra_check_permissions(package: Any, asks: Any, grants: Any) -> Verdict | None:
    """Refuse what the policy does not allow *package*; no answer where no policy is in force.

    Judged is what the package would have: what it asks for and what it was granted before.
    """
    from lyra_org_policy.policy import policy_in_force

    policy = policy_in_force()
    return None if policy is None else policy.judge(package.name, asks | grants)
