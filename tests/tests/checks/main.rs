//! Is what goes with the programs true of them? Documents, manual pages and exit codes, packages, images and alerts; the tools of others, mirrors,
//! and the scripts that make a release.
//!
//! They are one program for the same reason as `journeys`: linking one takes longer than most of them do.

mod deploy_containers;
mod deploy_debian;
mod deploy_systemd;
mod documents;
mod exit_codes;
mod fetch;
mod interop;
mod interop_ocsf;
mod interop_profiles;
mod manual;
mod operations;
mod provenance_written;
