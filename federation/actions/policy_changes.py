"""A company's own policy: the switch, the grants, and the partner rule."""

from typing import Any

from accounts.models import User
from federation.actions.effects import Event
from federation.models import ExternalPolicy

# For each changed field its value before and after: what undoing puts back, and what the audit log says.
Changed = dict[str, Any]


def change_policy(policy: ExternalPolicy, wanted: dict[str, Any], actor: User | None) -> Changed:
    """Store on a locked policy what differs. Raises ValueError for a choice that does not exist."""
    if "grant_to" in wanted:
        wanted["grant_to"] = ExternalPolicy.GrantTo(wanted["grant_to"])
    if "partner_rule" in wanted:
        wanted["partner_rule"] = ExternalPolicy.PartnerRule(wanted["partner_rule"])
    changed = {name: [getattr(policy, name), value] for name, value in wanted.items() if getattr(policy, name) != value}
    for name, (_before, after) in changed.items():
        setattr(policy, name, after)
    if changed:
        policy.changed_by = actor
        policy.save()
    return {name: [_plain(value) for value in pair] for name, pair in changed.items()}


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool) else str(value)


def policy_events(changed: Changed) -> list[Event]:
    """What the audit log says of the change."""
    names = {"grant_to": "member_grant.changed", "partner_rule": "partner_rule.changed"}
    return [
        (names.get(name) or f"external_connection.{'on' if after else 'off'}", _before_after({name: [before, after]}))
        for name, (before, after) in changed.items()
    ]


def _before_after(changed: Changed) -> dict[str, Any]:
    return {
        "before": {name: before for name, (before, _after) in changed.items()},
        "after": {name: after for name, (_before, after) in changed.items()},
    }
