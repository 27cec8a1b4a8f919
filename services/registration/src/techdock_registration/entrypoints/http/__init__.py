"""The HTTP face of registration: one module per resource."""

from fastapi import APIRouter

from techdock_registration.entrypoints.http import (
    attendance,
    codes,
    directory,
    docking_events,
    imports,
    mails,
    me,
    organizations,
    participations,
    profiles,
    sessions,
    sign_in,
    tenants,
    venues,
)

# Routes are tried in this order, so those that are called most stand first.
ROUTERS: tuple[APIRouter, ...] = (
    profiles.router,
    sign_in.router,
    me.router,
    codes.router,
    tenants.router,
    organizations.router,
    docking_events.router,
    venues.router,
    sessions.router,
    participations.router,
    directory.router,
    attendance.router,
    imports.router,
    mails.router,
)
