"""Gemma's SentencePiece vocabulary, as a GGUF holds it, in the JSON that Hugging Face's tokenizers read."""

from __future__ import annotations

from typing import Any

_NORMAL, _CONTROL, _LITERAL = 1, 3, 4
"""Kinds of token in GGUF. Literal ones (runs of spaces and line ends, HTML tags; GGUF calls them user-defined)
are cut out of the text as they stand, before anything is merged; the other kinds are never merged from parts."""


def tokenizer(fields: dict[str, Any]) -> dict[str, Any]:
    """``tokenizer.json``: byte-pair merges rebuilt from the pieces and their scores."""
    pieces, kinds = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]
    bos = pieces[fields["tokenizer.ggml.bos_token_id"]]
    marker = {"SpecialToken": {"id": bos, "type_id": 0}}
    first, second = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": number,
                "content": piece,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": kinds[number] == _CONTROL,
            }
            for number, piece in enumerate(pieces)
            if kinds[number] in (_CONTROL, _LITERAL)
        ],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"String": " "},
            "behavior": "MergedWithPrevious",
            "invert": False,
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [marker, first],
            "pair": [marker, first, second],
            "special_tokens": {bos: {"id": bos, "ids": [fields["tokenizer.ggml.bos_token_id"]], "tokens": [bos]}},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": pieces[fields["tokenizer.ggml.unknown_token_id"]],
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": {piece: number for number, piece in enumerate(pieces)},
            "merges": _merges(pieces, fields["tokenizer.ggml.scores"], kinds),
        },
    }


def _merges(pieces: list[str], scores: list[float], kinds: list[int]) -> list[list[str]]:
    """Every way to put a piece together from two others, the best-scored piece first.

    This is how Hugging Face's own converter rebuilds the merges of a SentencePiece model
    (``generate_merges``): within a piece by the numbers of its halves, between pieces by score.
    """
    numbers = {piece: number for number, piece in enumerate(pieces)}
    found = []
    for piece, number in numbers.items():
        if kinds[number] != _NORMAL:
            continue
        for cut in range(1, len(piece)):
            left, right = numbers.get(piece[:cut]), numbers.get(piece[cut:])
            if left is not None and right is not None:
                found.append((-scores[number], number, left, right))
    found.sort()
    return [[pieces[left], pieces[right]] for _, _, left, right in found]


def tokenizer_config(fields: dict[str, Any]) -> dict[str, Any]:
    """``tokenizer_config.json``: the special tokens, and the chat template where the model has one."""
    pieces = fields["tokenizer.ggml.tokens"]
    named = {"bos": "bos", "eos": "eos", "unk": "unknown", "pad": "padding"}
    config: dict[str, Any] = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    for short, long in named.items():
        config[f"{short}_token"] = pieces[fields[f"tokenizer.ggml.{long}_token_id"]]
    if template := fields.get("tokenizer.chat_template"):
        config["chat_template"] = template
    return config
