"""What our components have in common as nodes of Rasa's graph: they learn once, and Rasa's archive keeps it.

Runs inside Rasa's environment.
"""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import Any, Self

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage


class LearntComponent(GraphComponent):  # type: ignore[misc]
    """A component that has yet to learn when `create` returns it, and has learnt when `load` does.

    Its own are `train`, which ends in `keep`, `process`, and the pair `write` and `open`.
    """

    def __init__(self, config: dict[str, Any], name: str, storage: ModelStorage, resource: Resource) -> None:
        self._config, self._name, self._storage, self._resource = config, name, storage, resource

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Self:
        """Return a component that has yet to learn."""
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,  # noqa: ARG003 - Rasa's interface
    ) -> Self:
        """Return the component with what it learnt, out of Rasa's archive."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as source:
            component.open(source)
        return component

    def keep(self) -> Resource:
        """Put what was learnt into Rasa's archive."""
        with self._storage.write_to(self._resource) as target:
            self.write(target)
        return self._resource

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Write what was learnt into an empty folder."""

    @abstractmethod
    def open(self, folder: Path) -> None:
        """Take up what `write` wrote."""
