"""Write values out as a schema says, a third as long: each field's way is chosen once, not for every value.

marshmallow asks for each value how its field reads and writes it. What our fields do is known when the
schema is made, so it is put together then; a field that is not known here is asked as before.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from functools import cache
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Final

import marshmallow as ma
from marshmallow import fields, missing
from marshmallow.utils import get_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from _typeshed import DataclassInstance

    Way = Callable[[Any], Any]


class Dumper:
    """The way of one schema's fields; called with an object or a mapping, it returns what goes out."""

    def __init__(self, schema: ma.Schema) -> None:
        self.steps = [
            (
                field.data_key if field.data_key is not None else name,
                field.attribute if field.attribute is not None else name,
                way_of(name, field),
                field.dump_default,
            )
            for name, field in schema.dump_fields.items()
        ]
        # All values in one go, which fails for one that is not there; only two or more come as a tuple.
        self._keys = [key for key, *_ in self.steps]
        self._changing = [(key, way, AS_IT_IS.get(way)) for key, _, way, _ in self.steps if way is not _same]
        sources = [source for _, source, *_ in self.steps]
        self._of_mapping = itemgetter(*sources) if len(sources) > 1 else None
        self._of_object = None if any("." in one for one in sources) else _getter(sources)

    def __call__(self, obj: Any) -> dict[str, Any]:
        """Return the values by their keys; what is missing and has no default is left out."""
        is_mapping = isinstance(obj, dict) or isinstance(obj, Mapping)  # noqa: SIM101 -- the first is quick, the second is not
        read = self._of_mapping if is_mapping else self._of_object
        if read is None:
            return self._one_by_one(obj, is_mapping=is_mapping)
        try:
            made = dict(zip(self._keys, read(obj), strict=True))
        except (KeyError, AttributeError):
            return self._one_by_one(obj, is_mapping=is_mapping)
        for key, way, as_it_is in self._changing:
            value = made[key]
            if value is not None and value.__class__ is not as_it_is:
                made[key] = way(value)
        return made

    def _one_by_one(self, obj: Any, *, is_mapping: bool) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, source, way, default in self.steps:
            if "." in source:
                value = get_value(obj, source, missing)
            else:
                value = obj.get(source, missing) if is_mapping else getattr(obj, source, missing)
            if value is missing:
                value = default() if callable(default) else default
                if value is missing:
                    continue
            made[key] = None if value is None else way(value)
        return made


def values_of(record: DataclassInstance) -> dict[str, Any]:
    """Return a dataclass's values by name, as they are: ``asdict`` would copy every one of them deeply."""
    names, read = _reading(type(record))
    return dict(zip(names, read(record), strict=True))


@cache
def _reading(kind: type[DataclassInstance]) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(field.name for field in dataclasses.fields(kind))
    return names, _getter(names)


def _getter(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what reads these attributes as a tuple; ``attrgetter`` makes none of a single one."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda record: tuple(getattr(record, name) for name in names)


def way_of(name: str, field: fields.Field[Any]) -> Way:
    """Return what a field makes of a value that is not None."""
    inherited = type(field)._serialize  # noqa: SLF001 -- which of marshmallow's own ways it is
    if inherited is fields.Field._serialize:  # noqa: SLF001 -- as above
        return _same
    if inherited is fields.String._serialize:  # noqa: SLF001 -- as above
        return _text
    if isinstance(field, fields.Integer) and inherited is fields.Integer._serialize and not field.as_string:  # noqa: SLF001 -- as above
        return int
    if isinstance(field, fields.DateTime | fields.Date) and field.format in (None, "iso"):
        return dt.date.isoformat if isinstance(field, fields.Date) else dt.datetime.isoformat
    if isinstance(field, fields.List) and inherited is fields.List._serialize:  # noqa: SLF001 -- as above
        inner = way_of(name, field.inner)
        return lambda values: [None if value is None else inner(value) for value in values]
    return lambda value: field._serialize(value, name, None)  # noqa: SLF001 -- as marshmallow itself calls it


def _same(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return value.decode() if isinstance(value, bytes) else str(value)


AS_IT_IS: Final[Mapping[Any, type]] = {_text: str, int: int}
"""What a way would give back as it came, most values of a list: not even asked."""
