"""Commands: one function each; heavy imports inside them."""
