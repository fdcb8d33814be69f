"""The commands of `gradwalk`, one file each: what each takes, and what it does with it."""
