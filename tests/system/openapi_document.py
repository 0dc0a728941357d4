"""An OpenAPI document as a judge: values to ask with, and whether an answer is what it says."""

from __future__ import annotations

import copy
import itertools
from typing import Any, Iterator

from jsonschema import Draft202012Validator


class Document:
    """`seen` collects which members of which shape answers have had, as "line.value"."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.strict = copy.deepcopy(document["components"])
        self.seen: set[str] = set()
        # What is not described is an error here, though clients are to pass over it.
        for schema in self.strict["schemas"].values():
            if "properties" in schema:
                schema["additionalProperties"] = False

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                yield method, path, operation

    def resolve(self, schema: Any) -> Any:
        while "$ref" in schema:
            schema = self.strict["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def check(self, value: Any, schema: dict[str, Any], what: str) -> None:
        found = sorted(Draft202012Validator({**schema, "components": self.strict})
                       .iter_errors(value), key=lambda error: list(error.path))
        assert not found, f"{what}: {'; '.join(map(describe, found[:3]))}\n{value!r}"
        self.note(value, schema, "")

    def check_shape(self, value: Any, name: str) -> None:
        self.check(value, {"$ref": f"#/components/schemas/{name}"}, name)

    def note(self, value: Any, schema: dict[str, Any], name: str) -> None:
        name = schema.get("$ref", name).rpartition("/")[2]
        schema = self.resolve(schema)
        for branch in schema.get("anyOf", []):
            if Draft202012Validator({**branch, "components": self.strict}).is_valid(value):
                self.note(value, branch, name)
        if isinstance(value, list) and "items" in schema:
            for item in value:
                self.note(item, schema["items"], name)
        if isinstance(value, dict):
            for member in set(value) & set(schema.get("properties", {})):
                self.seen.add(f"{name}.{member}")
                self.note(value[member], schema["properties"][member], name)

    def members(self) -> set[str]:
        return {f"{name}.{member}" for name, schema in self.strict["schemas"].items()
                for member in schema.get("properties", {})}

    # ---- values ----

    def values(self, schema: dict[str, Any], name: str, known: dict[str, list[Any]]) -> list[Any]:
        """A few of each kind that the schema allows; `known` has those of names that only the circuit
        knows."""
        schema = self.resolve(schema)
        if name in known:
            return known[name]
        if "enum" in schema:
            return list(schema["enum"])
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return [value for branch in schema[several]
                        for value in self.values(branch, name, known)]
        kind = schema.get("type")
        if kind in ("integer", "number"):
            return [schema["minimum"], schema["maximum"]]
        if kind == "boolean":
            return [False, True]
        if kind == "object" and "properties" in schema:
            return list(self.objects(schema, known))
        if kind == "array":
            return [self.values(schema["items"], name, known)[:1]]
        assert kind == "string", f"{name}: no value can be made from {schema}"
        return ["x"]

    def objects(self, schema: dict[str, Any], known: dict[str, list[Any]]) -> Iterator[Any]:
        """The least one; and with each member at each of its values in turn."""
        made = {name: self.values(member, name, known)
                for name, member in schema["properties"].items()}
        least = {name: made[name][0] for name in schema.get("required", [])}
        yield least
        for name, value in itertools.chain.from_iterable(
                ((name, value) for value in made[name]) for name in made):
            yield {**least, name: value}


def describe(error: Any) -> str:
    return f"{'.'.join(map(str, error.path)) or 'the answer'}: {error.message[:300]}"
