"""Servers and sessions that tests of data share: each is started once, by the first test that asks."""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest


def _postgres_programs():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found else Path(shutil.which("initdb") or "/nowhere/initdb").parent


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server on loopback: the address of its database, without the password, which is `secret-word`."""
    programs = _postgres_programs()
    if not (programs / "initdb").is_file():
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="mlci-postgres-"))  # folders of pytest are closed to other users
    user = "nobody" if os.geteuid() == 0 else None  # the server refuses to be root
    if user:
        shutil.chown(folder, user)
    port = _free_port()
    (folder / "password").write_text("secret-word")

    def run(program, *arguments):
        command = [programs / program, "-D", folder / "data", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder, timeout=60)

    run("initdb", "-U", "tester", "--auth=scram-sha-256", "--pwfile", folder / "password", "--no-sync")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
    run("pg_ctl", "-w", "-l", folder / "log", "-o", options, "start")
    yield f"postgresql://tester@127.0.0.1:{port}/postgres"
    run("pg_ctl", "-m", "immediate", "stop")
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """A Spark session in local mode."""
    if not shutil.which("java"):
        pytest.skip("Java is not installed (Debian: openjdk-17-jre-headless)")
    if not importlib.util.find_spec("pyspark"):
        pytest.skip("PySpark is not installed")
    from mlci.data.sources.spark import session

    quick = {"spark.master": "local[2]", "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1"}

    started = session(folder=tmp_path_factory.mktemp("spark"), settings=quick)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def s3():
    """A client of an object store on loopback, with a bucket `data`; the environment says where it is."""
    import boto3
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    variables = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "user",
        "AWS_SECRET_ACCESS_KEY": "a-very-secret-key",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        s3fs.S3FileSystem.clear_instance_cache()
        client = boto3.client("s3")
        client.create_bucket(Bucket="data")
        yield client
    server.stop()
