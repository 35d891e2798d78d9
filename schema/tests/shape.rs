//! The schema as clients read it: its file, its words, and its promises to them.
#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::BTreeMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{FieldDefinition, InputValueDefinition, TypeKind, TypeSystemDefinition};
use market::Act;

type Types = BTreeMap<String, (bool, TypeKind)>;

/// Every type by name: whether it is described, and what it is.
fn types() -> Types {
    let document = parse_schema(schema::sdl()).unwrap();
    let types = document.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(it) => {
            Some((it.node.name.node.to_string(), (it.node.description.is_some(), it.node.kind)))
        }
        _ => None,
    });
    types.collect()
}

fn fields(types: &Types, name: &str) -> BTreeMap<String, FieldDefinition> {
    let TypeKind::Object(object) = &types[name].1 else { panic!("{name} is no object type") };
    object.fields.iter().map(|field| (field.node.name.node.to_string(), field.node.clone())).collect()
}

fn inputs(types: &Types, name: &str) -> BTreeMap<String, InputValueDefinition> {
    let TypeKind::InputObject(input) = &types[name].1 else { panic!("{name} is no input type") };
    input.fields.iter().map(|field| (field.node.name.node.to_string(), field.node.clone())).collect()
}

#[test]
fn the_file_beside_the_sources_is_the_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, schema::sdl()).unwrap();
    }
    let file = std::fs::read_to_string(path).unwrap();
    assert!(file == schema::sdl(), "UPDATE_GOLDEN=1 writes the file anew");
}

#[test]
fn every_type_field_argument_and_value_is_described() {
    let mut silent = Vec::new();
    let mut hear = |described: bool, name: String| {
        if !described {
            silent.push(name);
        }
    };
    for (name, (described, kind)) in types() {
        hear(described, name.clone());
        let fields = match kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            TypeKind::Enum(values) => {
                for value in values.values {
                    hear(value.node.description.is_some(), format!("{name}.{}", value.node.value.node));
                }
                Vec::new()
            }
            TypeKind::InputObject(input) => {
                for field in input.fields {
                    hear(field.node.description.is_some(), format!("{name}.{}", field.node.name.node));
                }
                Vec::new()
            }
            TypeKind::Scalar | TypeKind::Union(_) => Vec::new(),
        };
        for field in fields {
            let path = format!("{name}.{}", field.node.name.node);
            hear(field.node.description.is_some(), path.clone());
            for argument in field.node.arguments {
                hear(argument.node.description.is_some(), format!("{path}({})", argument.node.name.node));
            }
        }
    }
    assert!(silent.is_empty(), "without a description: {silent:#?}");
}

#[test]
fn every_command_has_a_mutation_of_its_name_and_every_mutation_is_a_command() {
    let looks = |name: &str| name.starts_with("see");
    let not_for_people =
        [Act::KeepTime, Act::Seal, Act::DrawOnProgramme, Act::RotateLogKey, Act::SignIntent, Act::StartEpoch];
    let acts = Act::ALL.iter().filter(|act| !not_for_people.contains(act)).map(|act| act.as_str());
    let mut commands: Vec<&str> = acts.filter(|name| !looks(name)).collect();
    commands.sort_unstable();
    let mutations: Vec<String> = fields(&types(), "Mutation").into_keys().collect();
    assert_eq!(mutations, commands);
}

#[test]
fn every_mutation_takes_one_input_and_answers_with_a_payload_of_its_name() {
    let types = types();
    for (name, mutation) in fields(&types, "Mutation") {
        let stem = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let [argument] = mutation.arguments.as_slice() else { panic!("{name} takes one argument") };
        assert_eq!(argument.node.name.node, "input");
        assert_eq!(argument.node.ty.node.to_string(), format!("{stem}Input!"));
        assert_eq!(mutation.ty.node.to_string(), format!("{stem}Payload"));
        let payload = fields(&types, &format!("{stem}Payload"));
        assert_eq!(payload["userErrors"].ty.node.to_string(), "[UserError!]!");
        for (field, of) in payload.iter().filter(|(field, _)| *field != "userErrors") {
            assert!(of.ty.node.nullable, "{stem}Payload.{field} must be null when refused");
        }
    }
}

#[test]
fn what_can_be_refused_may_be_null_so_that_the_rest_is_answered() {
    let open_to_all = ["house", "log", "nodes", "recentPayouts"];
    for (name, field) in fields(&types(), "Query") {
        assert_eq!(field.ty.node.nullable, !open_to_all.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn what_moves_tokens_or_fixes_a_state_asks_for_an_idempotency_key() {
    let types = types();
    let plain = [
        "acceptAmendment",
        "acceptInvitation",
        "addPerson",
        "addUnitMember",
        "deleteDraft",
        "grantProgramme",
        "grantRole",
        "handOverUnit",
        "invitePerson",
        "refreshToken",
        "removeUnitMember",
        "saveScores",
        "setPreferences",
        "revokeProgramme",
        "revokeRole",
        "signIn",
        "signOut",
        "signUp",
        "uninviteFromRace",
        "updateMailing",
        "withdrawAmendment",
        "addWebhook",
        "answerAmendment",
        "rotateWebhook",
        "disableWebhook",
        "redeliverWebhook",
        "updateProfile",
        "updateTask",
        "uploadAnswerKey",
    ];
    for name in fields(&types, "Mutation").into_keys() {
        let stem = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let key = inputs(&types, &format!("{stem}Input")).remove("idempotencyKey");
        let asked = key.map(|key| key.ty.node.to_string());
        let wanted = (!plain.contains(&name.as_str())).then(|| "String!".to_owned());
        assert_eq!(asked, wanted, "{name}");
    }
}

#[test]
fn amounts_and_times_are_never_plain_numbers_or_texts() {
    let amounts = ["amount", "balance", "bounty", "escrow", "earned", "refund", "award", "total", "spent"];
    let times = ["at", "closesAt", "createdAt", "expiresAt", "serverTime", "since", "due"];
    for (name, (_, kind)) in types() {
        let TypeKind::Object(object) = kind else { continue };
        for field in object.fields {
            let (path, base) = (field.node.name.node.as_str(), field.node.ty.node.base.to_string());
            assert!(
                !amounts.contains(&path) || base == "TokenAmount" || base == "Boolean",
                "{name}.{path}: {base}"
            );
            assert!(!times.contains(&path) || base == "DateTime", "{name}.{path}: {base}");
            assert_ne!(base, "Float", "{name}.{path}");
        }
    }
}

#[test]
fn every_connection_can_be_walked_both_ways() {
    for (name, (_, kind)) in types() {
        let TypeKind::Object(object) = kind else { continue };
        for field in object.fields {
            if field.node.ty.node.base.to_string().ends_with("Connection") {
                let arguments: Vec<String> =
                    field.node.arguments.iter().map(|argument| argument.node.name.node.to_string()).collect();
                for wanted in ["first", "after", "last", "before"] {
                    assert!(
                        arguments.iter().any(|argument| argument == wanted),
                        "{name}.{}",
                        field.node.name.node
                    );
                }
            }
        }
    }
}
