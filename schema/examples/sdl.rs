//! Prints the schema as text: `cargo run -p schema --example sdl > schema/schema.graphql`.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

fn main() {
    print!("{}", schema::sdl());
}
