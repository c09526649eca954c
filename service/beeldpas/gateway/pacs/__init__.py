"""The hospital's PACS behind a gateway: what it has is published, what is shared is fetched into the store."""
