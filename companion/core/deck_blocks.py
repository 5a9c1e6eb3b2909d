"""The blocks of a Markdown file as both cases and findings are read from them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.front_matter import front_matter_plugin

ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""Lower-case words joined by hyphens."""


def blocks_of(text: str) -> list[SyntaxTreeNode]:
    """The blocks of a file; the first is of type ``front_matter`` if there is one."""
    return list(SyntaxTreeNode(MarkdownIt("commonmark").use(front_matter_plugin).parse(text)).children)


def line_of(node: SyntaxTreeNode) -> int:
    """The line of the file, from 1, on which a block begins."""
    return node.map[0] + 1 if node.map else 1


def text_of(node: SyntaxTreeNode) -> str:
    """The Markdown of a block's own first line of text, soft breaks joined."""
    for child in node.children:
        if child.type == "inline":
            return " ".join(child.content.split())
        if child.type == "paragraph":
            return text_of(child)
    return ""


def sections(nodes: Sequence[SyntaxTreeNode]) -> tuple[list[SyntaxTreeNode], list[Sequence[SyntaxTreeNode]]]:
    """What stands before the first ``##`` heading, and each heading with what follows it."""
    starts = [i for i, node in enumerate(nodes) if node.type == "heading" and node.tag == "h2"]
    before = list(nodes[: starts[0]]) if starts else list(nodes)
    return before, [nodes[start:end] for start, end in zip(starts, [*starts[1:], len(nodes)], strict=False)]


def references_of(first: str, nodes: Sequence[SyntaxTreeNode]) -> tuple[str, ...]:
    """References written behind their label, as paragraphs or as lists."""
    found = [first]
    for node in nodes:
        found += [text_of(item) for item in node.children] if node.type == "bullet_list" else [text_of(node)]
    return tuple(reference for reference in found if reference)
