# One image for web, worker and cron; fly.toml says which runs.
FROM node:22-slim AS front
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY requirements.lock pyproject.toml ./
RUN pip install --require-hashes -r requirements.lock
COPY . .
COPY --from=front /app/node_modules/@tabler/core/dist/css/tabler.min.css static/vendor/
COPY --from=front /app/node_modules/htmx.org/dist/htmx.min.js static/vendor/
COPY --from=front /app/node_modules/chart.js/dist/chart.umd.min.js static/vendor/
RUN gzip --best --keep static/vendor/*.css static/vendor/*.js
RUN pip install --no-deps --no-build-isolation --editable . \
 && useradd --system --home /app careboard && mkdir -p /data && chown careboard /data
USER careboard
ENV CAREBOARD_ENV=production CAREBOARD_HOME=/data PORT=8080
EXPOSE 8080
CMD ["sh", "-c", "exec granian --interface wsgi --host 0.0.0.0 --port $PORT --workers 2 --no-ws wsgi:app"]
