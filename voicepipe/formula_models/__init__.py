"""Full-size models with weights from a formula: to try a machine before real ones are there."""
