"""Finding an external user by what one must already know of them."""

from django.db.models import Exists, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from contacts.models import Block
from federation.models import Availability
from federation.policies import reachable_companies
from worksbridge.errors import Code, NotFound, WorksBridgeError
from worksbridge.live.rate_limits import Rate, limit
from worksbridge.mail_addresses import address_or_text

FIND_RATE = Rate(20, 60)
MAX_LENGTH = 254


class NobodyFound(NotFound):
    """One answer for everyone who cannot be found, for whatever reason."""

    text = _(
        "No one can be reached at this handle or e-mail address. Check the spelling, and that both companies' "
        "administrators have allowed external connection."
    )


def find_external_user(*, member: User, query: str) -> User:
    """The external user with exactly this handle or e-mail address, if `member` may reach them.

    Raises NobodyFound for people who do not exist, may not be reached or have blocked the member: one answer, after the
    same single query. Raises TooMany after 20 tries a minute.
    """
    limit(f"find:{member.pk}", FIND_RATE)
    wanted = address_or_text(query).removeprefix("@")
    if not wanted or len(wanted) > MAX_LENGTH:
        raise WorksBridgeError(_("Enter a handle or an e-mail address."), code=Code.EMPTY)
    live = Availability.objects.live()
    found = (
        User.objects.filter(Q(handle=wanted) | Q(email=wanted), is_active=True)
        .filter(Exists(live.filter(member=member)), company__in=reachable_companies(member), availabilities__in=live)
        .exclude(pk__in=Block.objects.filter(blocked=member).values("blocker"))
        .select_related("company", "department")
        .first()
    )
    if found is None:
        raise NobodyFound
    return found
