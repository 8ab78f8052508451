"""The commands of MongoDB that the engine answers, grouped by what they are about."""
