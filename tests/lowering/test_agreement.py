"""Lowered code and the direct evaluator agree on generated programs, messages included."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.lowering.agreement import Agreement, comparable, is_endless
from tests.lowering.programs import programs


@pytest.fixture(scope="module")
def agreement():
    agreement = Agreement()
    yield agreement
    agreement.session.close()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=programs())
def test_lowered_code_and_the_evaluator_agree(agreement, lines):
    direct = agreement.direct(lines)
    assume(not is_endless(direct))
    assert comparable(agreement.lowered(lines)) == comparable(direct)
