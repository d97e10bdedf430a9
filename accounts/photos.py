"""Photos of people: checked before they are decoded, then re-encoded, so that nothing else survives in the file."""

import io
import struct
import uuid
from typing import Any

import filetype
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db.models.fields.files import ImageFieldFile
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from worksbridge.errors import Code, NotFound, WorksBridgeError

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000
SIZE = 256
# What Pillow raises on damaged files, its reading of their metadata included.
DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    Image.DecompressionBombError,
)
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


class BadPhoto(WorksBridgeError):
    """A file that cannot be a photo."""

    code = Code.BAD_PHOTO


def make_photo(upload: UploadedFile) -> ContentFile:
    """A square WebP of 256 pixels without metadata, under a generated name. Raises BadPhoto."""
    if upload.size is None or upload.size > MAX_BYTES:
        raise BadPhoto(_("The photo is larger than 5 MB. Please choose a smaller one."))
    kind = filetype.guess_mime(upload.read(512))
    upload.seek(0)
    if kind not in FORMATS:
        raise BadPhoto(_("This file is not a photo we can show. Please choose a JPEG, PNG or WebP file."))
    try:
        return ContentFile(_square(upload, FORMATS[kind]), name=f"{uuid.uuid4().hex}.webp")
    except DAMAGED as error:
        raise BadPhoto(_("This photo is damaged and cannot be opened.")) from error


def _square(upload: UploadedFile, kind: str) -> bytes:
    with Image.open(upload, formats=[kind]) as image:
        if image.width * image.height > MAX_PIXELS:
            raise BadPhoto(_("The photo has more than 40 megapixels. Please choose a smaller one."))
        upright = ImageOps.exif_transpose(image).convert("RGB")
    square = ImageOps.fit(upright, (SIZE, SIZE))
    output = io.BytesIO()
    square.save(output, "WEBP", quality=85)
    return output.getvalue()


def photo_answer(photo: ImageFieldFile) -> FileResponse:
    """A stored photo, for someone who may see it. Raises NotFound when there is none, or its file is gone."""
    if not photo:
        raise NotFound
    try:
        stored = photo.open("rb")
    except OSError as error:
        raise NotFound from error
    response = FileResponse(stored, content_type="image/webp")
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


class PhotoField(forms.FileField):
    """A photo to be shown: what it gives is a small square without where it was taken, or None."""

    def clean(self, data: Any, initial: Any = None) -> ContentFile | None:
        """Raises ValidationError for what cannot be a photo."""
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            return make_photo(upload)
        except BadPhoto as error:
            raise ValidationError(str(error.text)) from error
