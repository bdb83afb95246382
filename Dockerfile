# mlci with its model extra, for `container:` jobs, GitLab and a person's own machine.
#
#   docker build -t mlci .                                        on python:3.12-slim
#   docker build -t mlci --build-arg BASE=pytorch/pytorch .       on any Debian or Ubuntu with Python 3.11 or later
#   docker run --rm -v "$PWD:/work" -w /work mlci mlci run
#
# mlci lives in an environment of its own, so the Python of the base is free for the project's packages:
#   FROM mlci
#   COPY requirements.txt .
#   RUN pip install -r requirements.txt
#
# There is no entry point: GitHub's `container:` jobs and GitLab start a shell of their own in the image.
# The user is root, as `container:` jobs need; elsewhere `docker run --user "$(id -u):$(id -g)"` works too, and
# the report folder is then yours.
ARG BASE=python:3.12-slim
FROM ${BASE}

RUN command -v git >/dev/null || { \
        apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*; }

COPY pyproject.toml README.md LICENSE /opt/mlci-source/
COPY mlci /opt/mlci-source/mlci
RUN python3 -m venv /opt/mlci \
    && /opt/mlci/bin/pip install --no-cache-dir "/opt/mlci-source[model]" \
    && rm -rf /opt/mlci-source
COPY docker/mlci /usr/local/bin/mlci

WORKDIR /work
CMD ["mlci", "--help"]
