"""Microsoft Teams: the only folder that knows botbuilder."""
