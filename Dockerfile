# The course in a container. Every package comes from the lock file, and its hash is checked.
#   docker build -t course .
#   docker run --rm -p 127.0.0.1:8888:8888 course
FROM python:3.13-slim

RUN useradd --create-home --uid 1000 learner \
    && install --directory --owner=learner --group=learner /course
WORKDIR /course

# Before the course itself, so that a changed lesson does not install everything again.
COPY requirements-uv.lock requirements.lock ./
RUN python -m pip install --no-cache-dir --require-hashes -r requirements-uv.lock \
    && uv pip install --system --no-cache --compile-bytecode --require-hashes -r requirements.lock

COPY --chown=learner:learner . .
RUN uv pip install --system --no-cache --no-deps --no-build-isolation --editable .

USER 1000
EXPOSE 8888
CMD ["course", "lab", "--no-browser", "--port", "8888", "--", "--ServerApp.ip=0.0.0.0"]
