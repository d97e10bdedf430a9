"""The pages that import members: choose a file, preview each row, confirm."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.actions.importing import NotImported, import_members
from accounts.csv_export import csv_answer
from accounts.importing.checking import Checked, check_rows
from accounts.importing.columns import COLUMNS
from accounts.importing.decoding import BadFile, decode
from accounts.importing.parsing import Table, read_table
from accounts.models import Company, MemberImport
from accounts.requests import company_of, member_of
from worksbridge.errors import NotFound
from worksbridge.live.rate_limits import Rate, limit

MAX_ROWS = 200
UPLOADS = Rate(30, 3600)
REFUSED_SHOWN = 1000
KEPT = timedelta(days=1)
EXAMPLE = [
    ("김민서", "minseo.kim@example.com", "", "과장", "Sales / Export", "+82 2-555-0111", "ko", "Asia/Seoul"),
    ("Sato Yui", "yui.sato@example.com", "sato.yui", "Coordinator", "Sales", "", "ja", "Asia/Tokyo"),
    ("Emma Clarke", "emma.clarke@example.com", "", "", "", "+44 20 5550 0100", "en", "Europe/London"),
]


class UploadForm(forms.Form):
    """A file; an operator also says whose."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"), widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"})
    )


class ImportPages:
    """Two pages and an example."""

    def __init__(self, site: AdminSite) -> None:
        self.site = site

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Choose a file. It is read and checked immediately; only the file itself is stored."""
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.user.is_superuser:
            form.fields["company"] = forms.ModelChoiceField(Company.objects.all(), label=_("Company"))
        if request.method == "POST" and form.is_valid():
            # A file of guesses would reveal which addresses are taken; real imports are rarer than this limit.
            limit(f"import:{request.user.pk}", UPLOADS)
            company = form.cleaned_data.get("company") or company_of(member_of(request))
            file = form.cleaned_data["file"]
            try:
                text, encoding = decode(file.read())
                read_table(text)
            except BadFile as error:
                form.add_error("file", str(error))
            else:
                MemberImport.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
                made = MemberImport.objects.create(
                    company=company,
                    made_by=member_of(request),
                    file_name=file.name[-200:],
                    text=text,
                    encoding=encoding,
                )
                return redirect("admin:accounts_user_import_preview", made.pk)
        context = self._context(request, _("Import members")) | {"form": form, "columns": COLUMNS}
        return TemplateResponse(request, "admin/accounts/user/import.html", context, status=400 if form.errors else 200)

    def example(self, request: HttpRequest) -> HttpResponseBase:
        """A file to begin with."""
        return csv_answer(request, "members-example", COLUMNS, EXAMPLE)

    def preview(self, request: HttpRequest, number: int) -> HttpResponse:
        """Preview each row; POST imports all of them unless one is refused."""
        found = MemberImport.objects.select_related("company")
        if not request.user.is_superuser:
            found = found.filter(company=member_of(request).company_id)
        MemberImport.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
        upload = found.filter(pk=number, done_at=None).first()
        if upload is None:
            raise NotFound
        if request.method != "POST":
            return self._page(request, upload, check_rows(upload.company, read_table(upload.text).rows))
        try:
            checked = import_members(
                company=upload.company, text=upload.text, actor=member_of(request), invite="invite" in request.POST
            )
        except NotImported as error:
            messages.error(request, str(error))
            return self._page(request, upload, error.checked)
        # Personal data is not kept longer than it is needed.
        MemberImport.objects.filter(pk=upload.pk).update(done_at=timezone.now(), text="")
        count = checked.counts["new"]
        messages.success(request, ngettext("%d member was added.", "%d members were added.", count) % count)
        return redirect("admin:accounts_user_changelist")

    def _page(self, request: HttpRequest, upload: MemberImport, checked: Checked) -> HttpResponse:
        refused = checked.of("refused")
        others = [one for one in checked.outcomes if one.state != "refused"]
        context = {
            **self._context(request, _("Check the import")),
            "crumbs": [*self._crumbs(), (_("Import members"), reverse("admin:accounts_user_import"))],
            "upload": upload,
            "counts": checked.counts,
            "notes": _notes(upload, read_table(upload.text), checked),
            "refused": refused[:REFUSED_SHOWN],
            "hidden_refused": max(0, len(refused) - REFUSED_SHOWN),
            "others": others[:MAX_ROWS],
            "hidden_rows": max(0, len(others) - MAX_ROWS),
        }
        status = 400 if refused and request.method == "POST" else 200
        return TemplateResponse(request, "admin/accounts/user/import_preview.html", context, status=status)

    def _crumbs(self) -> list[tuple[str, str]]:
        return [(str(_("Members")), reverse("admin:accounts_user_changelist"))]

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        explanation = _("Add many members at once from a CSV file. You can review every row before importing.")
        context = self.site.each_context(request)
        return {**context, "title": title, "explanation": explanation, "crumbs": self._crumbs()}


def _notes(upload: MemberImport, table: Table, checked: Checked) -> list[str]:
    """How the file was read where it was not written as asked for, so that nobody has to guess."""
    notes = []
    if upload.encoding:
        notes.append(_("The file is read as %s.") % upload.encoding)
    if table.ignored:
        named = ", ".join(f"“{head}”" for head in table.ignored)
        count = len(table.ignored)
        notes.append(ngettext("This column is ignored: %s.", "These columns are ignored: %s.", count) % named)
    if table.dashes:
        text = ngettext(
            "%d cell with “-” alone is read as empty.", "%d cells with “-” alone are read as empty.", table.dashes
        )
        notes.append(text % table.dashes)
    if checked.mended:
        text = ngettext(
            "%d cell is read without invisible or full-width characters and extra spaces.",
            "%d cells are read without invisible or full-width characters and extra spaces.",
            checked.mended,
        )
        notes.append(text % checked.mended)
    return notes
