"""Where the time of a turn went."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds spent in each stage of one turn; None where a stage did not run.

    Measured as pipecat and LiveKit define it: the sum that matters runs from the true end of
    speech (key release, or the detector's stop minus its waiting time) to the first audio
    sample of the reply reaching the device.
    """

    endpoint_s: float | None = None
    """True end of speech to the decision that it has ended."""
    transcribe_s: float | None = None
    """That decision to the transcript."""
    grade_s: float | None = None
    """Transcript to marks."""
    first_token_s: float | None = None
    """Asking the language model to its first token."""
    first_clause_s: float | None = None
    """Marks to the first clause of the reply ready to be spoken."""
    first_audio_s: float | None = None
    """First clause to its first sample at the device."""

    @classmethod
    def stages(cls) -> tuple[str, ...]:
        """The stage names in the order they run."""
        return tuple(field.name for field in fields(cls))
