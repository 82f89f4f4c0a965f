"""What a published file says of being made by a machine: field, watermark, signed credentials."""
