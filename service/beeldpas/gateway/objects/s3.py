"""Objects in a bucket of any S3 server, through the MinIO SDK; its entity tag is the version.

Every read names the tag it wants (`If-Match`), so another object under the same key is refused by the server.
"""

from collections.abc import Iterator
from typing import BinaryIO

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from beeldpas.domain.errors import Unavailable
from beeldpas.gateway.objects.port import ObjectFacts, altered, failed, full, gone
from beeldpas.gateway.settings import S3Settings

_CONNECTIONS = 64
_SECONDS = urllib3.Timeout(connect=5, read=30)
_ONCE_MORE = urllib3.Retry(total=2, backoff_factor=0.2, status_forcelist=(502, 503, 504))
_PART_BYTES = 16 * 1024 * 1024  # three of them are in memory at a time
_FULL = frozenset({"XMinioStorageFull", "QuotaExceeded", "EntityTooLarge", "InsufficientStorage"})


class S3Store:
    """One bucket; keys are below the prefix of the settings."""

    ahead = 4
    is_far = True

    def __init__(self, client: Minio, bucket: str, prefix: str = "") -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix

    @classmethod
    def connect(cls, settings: S3Settings, ca_file: str | None = None) -> "S3Store":
        """Make a store from settings; nothing is called yet."""
        pool = urllib3.PoolManager(
            maxsize=_CONNECTIONS, timeout=_SECONDS, retries=_ONCE_MORE, ca_certs=ca_file, cert_reqs="CERT_REQUIRED"
        )
        client = Minio(
            settings.endpoint,
            access_key=settings.access_key,
            secret_key=settings.secret_key_file.read_text(encoding="utf-8").strip(),
            secure=settings.secure,
            region=settings.region,
            http_client=pool,
        )
        return cls(client, settings.bucket, settings.prefix)

    def check(self) -> None:
        """Raises: Unavailable("objects") when the bucket cannot be reached or does not exist."""
        try:
            found = self._client.bucket_exists(bucket_name=self._bucket)
        except (MinioException, HTTPError, OSError) as error:
            raise failed() from error
        if not found:
            raise failed()

    def listing(self, prefix: str = "") -> Iterator[ObjectFacts]:
        """List the objects below a prefix."""
        try:
            for found in self._client.list_objects(
                bucket_name=self._bucket, prefix=self._prefix + prefix, recursive=True
            ):
                key = (found.object_name or "").removeprefix(self._prefix)
                if not found.is_dir:
                    yield ObjectFacts(key, found.size or 0, _tag(found.etag))
        except (MinioException, HTTPError, OSError) as error:
            raise failed() from error

    def open(self, key: str, version: str, start: int, length: int) -> "S3Reader":
        """Ask for a stretch of the object with this tag."""
        try:
            response = self._client.get_object(
                bucket_name=self._bucket,
                object_name=self._prefix + key,
                offset=start,
                length=length,
                request_headers={"If-Match": f'"{version}"'},
            )
        except S3Error as error:
            raise _named(error) from error
        except (MinioException, HTTPError, OSError) as error:
            raise failed() from error
        if _tag(response.headers.get("ETag")) != version:
            response.close()
            raise altered()
        return S3Reader(response)

    def put(self, key: str, content: BinaryIO, size: int) -> ObjectFacts:
        """Store an object; S3 shows it only when all of it is there."""
        try:
            done = self._client.put_object(
                bucket_name=self._bucket,
                object_name=self._prefix + key,
                data=content,
                length=size,
                part_size=_PART_BYTES if size > _PART_BYTES else 0,
            )
        except S3Error as error:
            raise _named(error) from error
        except (MinioException, HTTPError, OSError) as error:
            raise failed() from error
        return ObjectFacts(key, size, _tag(done.etag))

    def remove(self, key: str) -> None:
        """Remove an object; S3 says nothing of one that was not there."""
        try:
            self._client.remove_object(bucket_name=self._bucket, object_name=self._prefix + key)
        except (MinioException, HTTPError, OSError) as error:
            raise failed() from error


class S3Reader:
    """The answer to one GET, read as it comes."""

    __slots__ = ("_response",)

    def __init__(self, response: BaseHTTPResponse) -> None:
        self._response = response

    def read_into(self, target: memoryview) -> None:
        """Fill the target; an answer that ends early is a store that failed."""
        filled = 0
        while filled < len(target):
            try:
                got = self._response.readinto(target[filled:])
            except (HTTPError, OSError) as error:
                raise failed() from error
            if not got:
                raise failed()
            filled += got

    def read_at_hand(self, target: memoryview) -> int:
        """Nothing of another machine is at hand."""
        return 0

    def close(self) -> None:
        """Give the connection back when the answer was read to its end, otherwise drop it."""
        self._response.close()
        self._response.release_conn()


def _tag(etag: str | None) -> str:
    return (etag or "").strip('"')


def _named(error: S3Error) -> Unavailable:
    if error.code in {"NoSuchKey", "NoSuchBucket", "NoSuchObject"}:
        return gone()
    if error.code == "PreconditionFailed":
        return altered()
    return full() if error.code in _FULL else failed()
