"""The only doors to links."""

from django.db.models import Q, QuerySet

from federation.models import Link


def known_links(company_id: int) -> QuerySet[Link]:
    """The links that a company may know of: open ones, formerly open ones, and those it has decided about.

    A row may be there without: it is made for any two companies that allow external connection at all, and would tell
    each of them that the other is here.
    """
    mine = Q(company_a=company_id) & (Q(a_decided_at__isnull=False) | _SHARED)
    mine |= Q(company_b=company_id) & (Q(b_decided_at__isnull=False) | _SHARED)
    return Link.objects.filter(mine)


_SHARED = Q(is_open=True) | Q(epoch__gt=0)
