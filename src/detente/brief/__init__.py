"""The brief: what a run says for and against, every number of it from the Outcome."""

from detente.brief.model import Brief, write_brief

__all__ = ["Brief", "write_brief"]
