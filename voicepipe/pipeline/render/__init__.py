"""From a project to a published version: plan, render, share, publish."""
