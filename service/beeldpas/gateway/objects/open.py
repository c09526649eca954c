"""Which kinds of object store there are: one line each. What is not used is not loaded: its library takes memory."""

from beeldpas.gateway.objects.folder import FolderStore
from beeldpas.gateway.objects.port import ObjectStore
from beeldpas.gateway.settings import FolderSettings, GatewaySettings


def open_store(settings: GatewaySettings) -> ObjectStore:
    """Open the store that the settings name; nothing is read yet."""
    if isinstance(settings.objects, FolderSettings):
        return FolderStore(settings.objects.root)
    from beeldpas.gateway.objects.s3 import S3Store

    return S3Store.connect(settings.objects, str(settings.ca_file) if settings.ca_file else None)
