"""Where administrators find a company's side."""

from django.urls import reverse


def side_page(company_policy_id: int | None = None) -> str:
    """The External connection page: of one company (by its policy), or of the viewer's own."""
    if company_policy_id is None:
        return reverse("admin:federation_externalpolicy_changelist")
    return reverse("admin:federation_externalpolicy_change", args=[company_policy_id])
