"""Models: equations of arrays, one scenario and one draw at a time; `runs` lifts them."""
