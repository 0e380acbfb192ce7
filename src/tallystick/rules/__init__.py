"""Rules of published sets: what they are called, what they ask for, where they come from.

The room knows standards and networks, never a country: what is national stands in a strategy and its table.
"""
