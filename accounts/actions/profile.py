"""What members change about themselves."""

from django.db import transaction

from accounts.actions.audit import audit
from accounts.forms import ProfileForm
from accounts.models import User
from worksbridge.live.push import push


@transaction.atomic
def save_profile(*, member: User, form: ProfileForm) -> None:
    """Save a valid profile form; the log gets the values before and after."""
    names = [name for name in form.changed_data if name in form.Meta.fields]
    stored = User.objects.filter(pk=member.pk).values("pk", *names).get()
    form.save()
    if form.changed_data and member.company_id is not None:
        before = {name: stored[name] for name in names}
        after = {name: getattr(member, name) for name in names}
        told = {"fields": sorted(form.changed_data), "before": before, "after": after}
        audit([member.company_id], member, "member.changed", member=member.pk, **told)
    push([member.pk], {"type": "reload", "parts": ["list", "room", "contacts"]})
