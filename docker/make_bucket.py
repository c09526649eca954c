"""Makes a bucket if it is not there: make_bucket.py HOST:PORT ACCESS_KEY BUCKET SECRET_KEY_FILE."""

import sys
from pathlib import Path

from minio import Minio

if __name__ == "__main__":
    endpoint, access_key, bucket, secret_key_file = sys.argv[1:]
    secret_key = Path(secret_key_file).read_text(encoding="utf-8").strip()
    client = Minio(endpoint, access_key=access_key, secret_key=secret_key, secure=False)
    if not client.bucket_exists(bucket_name=bucket):
        client.make_bucket(bucket_name=bucket)
