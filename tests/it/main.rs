//! The tests of grantproof that go through its public face: the binary, the files in `scenarios/`, the shape of the source.

mod accusation;
mod architecture;
mod asking;
mod canaries;
mod cases;
mod catalogue;
mod changes;
mod clients;
mod confusion;
mod diagnose;
mod doctor;
mod golden;
mod honesty;
mod init;
mod lint;
mod program;
mod proof;
mod properties;
mod readme;
mod recording;
mod served;
mod verify;
mod what_if;
mod wire;
