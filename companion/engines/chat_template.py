"""The prompt format of an instruction-tuned model, as the model itself brings it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from companion.core.errors import ModelError
from companion.core.prompting import Message, alternating, without_system

_CONTROL = re.compile(r"<(/?\|?[A-Za-z_][A-Za-z0-9_]*\|?)>")
"""What could be read as a control token (``<end_of_turn>``, ``<|im_end|>``) when it stands in a message."""


class ChatTemplate:
    """A Jinja template out of a model's metadata, rendered in a sandbox: it is somebody else's program."""

    def __init__(self, source: str, *, bos: str = "", eos: str = "") -> None:
        from jinja2.exceptions import TemplateError
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        def refuse(reason: str) -> str:
            raise TemplateError(reason)

        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        environment.globals["raise_exception"] = refuse
        self._tokens = {"bos_token": bos, "eos_token": eos}
        try:
            self._template = environment.from_string(source)
        except TemplateError as error:
            raise ModelError(f"The model's chat template cannot be used: {error}") from error

    def render(self, messages: Sequence[Message]) -> str:
        """The whole prompt, up to where the model's answer begins; control tokens in messages are disarmed.

        Raises ``ModelError`` where the template takes neither a system message nor one folded into
        the user's.
        """
        from jinja2.exceptions import TemplateError

        turns = alternating([Message(m.role, _CONTROL.sub(r"< \1 >", m.text)) for m in messages])
        try:
            rendered = self._render(turns)
            if all(turn.text.strip() in rendered for turn in turns):  # some templates leave system text out
                return rendered
        except TemplateError:
            pass  # most often: system role not supported
        try:
            return self._render(without_system(turns))
        except TemplateError as error:
            raise ModelError(f"The model's chat template refused the messages: {error}") from error

    def _render(self, messages: Sequence[Message]) -> str:
        turns = [{"role": m.role, "content": m.text} for m in messages]
        return self._template.render(messages=turns, add_generation_prompt=True, **self._tokens)
