"""Running scenarios over draws: the plan, the lifting, the batches, the outcome.

The room is called `runs` because a module named `run` would hide the public function `run`.
"""
