"""Where the numbers come from: recipes, priors, and the worlds that ship with the package."""
