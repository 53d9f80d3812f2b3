"""A YAML file into plain values that know their lines, and the problems found in it."""
