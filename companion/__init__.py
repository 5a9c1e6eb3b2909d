"""Companion: a voice tutor for medical trainees that runs wholly on their own machine."""

__version__ = "0.1.0"
