"""The hook of the organisation policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lyra_core.plugins import hookimpl

if TYPE_CHECKING:
    from lyra_org_policy.policy import Verdict


@hookimpl
def lyra_check_permissions(package: Any, asks: Any, grants: Any) -> Verdict:
    """Refuse what the policy does not allow *package*; without a policy everything is accepted.

    Judged is what the package would have: what it asks for and what it was granted before.
    """
    from lyra_org_policy.policy import Verdict, default_path, policy_in_force

    policy = policy_in_force()
    if policy is None:
        return Verdict(True, files=(default_path(),))
    return policy.judge(package.name, asks | grants)
