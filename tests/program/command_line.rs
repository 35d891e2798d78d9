//! What the command line says to whom it does not understand.

use crate::process::Place;

#[tokio::test]
async fn help_and_version_are_told() {
    let place = Place::new();
    let help = place.run(&["--help"]).await.well();
    for command in ["serve", "demo", "verify", "export", "witness", "anchor", "person", "key"] {
        assert!(help.contains(command), "{help}");
    }
    assert!(place.run(&["--version"]).await.well().starts_with("saima "));
}

#[tokio::test]
async fn what_nobody_understands_is_a_wrong_use() {
    let place = Place::new();
    for wrong in [
        &["dance"][..],
        &["serve", "--colour"],
        &[],
        &["person", "add"],
        &["serve", "--listen", "here"],
        &["verify", "--key", "no"],
    ] {
        let complaint = place.run(wrong).await.badly(2);
        assert!(!complaint.is_empty(), "{wrong:?}");
    }
    assert!(!place.data().exists(), "nothing was made");
}

#[tokio::test]
async fn an_unknown_variable_is_refused_with_the_nearest_known() {
    let place = Place::new().with("SAIMA_DATABSE_URL", "sqlite://x.db");
    let complaint = place.run(&["serve", "--listen", "127.0.0.1:0"]).await.badly(1);
    assert!(
        complaint.contains("SAIMA_DATABSE_URL") && complaint.contains("SAIMA_DATABASE_URL"),
        "{complaint}"
    );
}

#[tokio::test]
async fn an_unknown_key_of_the_file_is_refused_with_its_line() {
    let place = Place::new();
    std::fs::write(place.path("saima.toml"), "house = \"Dawn\"\nhoouse = \"Dusk\"\n").unwrap();
    let complaint = place.run(&["serve", "--config", "saima.toml", "--listen", "127.0.0.1:0"]).await.badly(1);
    assert!(complaint.contains("hoouse") && complaint.contains('2'), "{complaint}");
}

#[tokio::test]
async fn a_secret_in_the_configuration_is_not_repeated() {
    let place = Place::new().with("SAIMA_DATABASE_URL", "postgres://saima:hunter2@127.0.0.1:1/saima");
    let ended = place.run(&["verify"]).await;
    assert_eq!(ended.code, 1);
    assert!(!ended.err.contains("hunter2") && !ended.out.contains("hunter2"), "{}", ended.err);
}

#[tokio::test]
async fn a_person_is_added_with_a_password_given_or_made_up() {
    let place = Place::new();
    place.add("root", &["admin"]).await;
    let told = place
        .run(&[
            "person",
            "add",
            "--email",
            "b@dawn.example",
            "--name",
            "B",
            "--handle",
            "ben",
            "--contributor",
        ])
        .await
        .well();
    let made_up =
        told.lines().find_map(|line| line.strip_prefix("password: ")).expect("a password is made up");
    assert!(made_up.len() >= 20, "{told}");
    std::fs::write(place.path("secret"), "from a file, long enough\n").unwrap();
    place
        .run(&[
            "person",
            "add",
            "--email",
            "c@dawn.example",
            "--name",
            "C",
            "--handle",
            "cid",
            "--password-file",
            "secret",
        ])
        .await
        .well();
    let serving = place.serve().await;
    serving.api("root").await;
    for (email, password) in [("b@dawn.example", made_up), ("c@dawn.example", "from a file, long enough")] {
        let asker = serving.anonymous();
        assert_eq!(
            asker.fill("/sign-in", "/sign-in", &[("email", email), ("password", password)]).await.status,
            303,
            "{email}"
        );
    }
    serving.stop().await;
}

#[tokio::test]
async fn a_person_who_cannot_be_is_refused_with_everything_that_is_wrong() {
    let place = Place::new();
    place.add("root", &["admin"]).await;
    let wrong = ["person", "add", "--email", "nowhere", "--name", "X", "--handle", "R!"];
    let complaint = place.run_with(&wrong, "short\n").await.badly(1);
    for part in ["email: ", "handle: ", "password: "] {
        assert!(complaint.contains(part), "{part}: {complaint}");
    }
    let taken = ["person", "add", "--email", "other@dawn.example", "--name", "X", "--handle", "root"];
    assert!(place.run_with(&taken, "long enough, I think\n").await.badly(1).contains("handle: "));
    let role =
        ["person", "add", "--email", "x@dawn.example", "--name", "X", "--handle", "xx", "--role", "king"];
    place.run(&role).await.badly(2);
}

#[tokio::test]
async fn a_key_file_signs_what_the_api_hands_out() {
    use base64::Engine as _;
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let shown = place.run(&["sign", "new", "my.key"]).await.well();
    let mode = std::fs::metadata(place.path("my.key")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert_eq!(place.run(&["sign", "show", "my.key"]).await.well(), shown);
    place.run(&["sign", "new", "my.key"]).await.badly(1);

    let public = shown.lines().next().unwrap().rsplit(' ').next().unwrap();
    let key: [u8; 32] = hex::decode(public).unwrap().try_into().unwrap();
    let decision = ledger::intent::Decision {
        act: "transferTokens".to_owned(),
        who: [1; 16],
        key,
        not_after: 1_800_000_000_000_000,
        nonce: [2; 16],
        says: vec![("amount".to_owned(), ledger::intent::Value::Number(250))],
    };
    let bytes = decision.encode();
    let standard = base64::engine::general_purpose::STANDARD;
    let origin = ["--origin", "dawn.example/saima"];
    let text = standard.encode(&bytes);
    let ended = place.run(&["sign", "intent", "my.key", origin[0], origin[1], &text]).await;
    assert!(ended.err.contains("amount: 250"), "it says what it signs: {}", ended.err);
    let signed: serde_json::Value = serde_json::from_str(&ended.well()).unwrap();
    assert_eq!(signed["bytes"], text);
    let signature = standard.decode(signed["signature"].as_str().unwrap()).unwrap().try_into().unwrap();
    let (opened, _) = ledger::intent::open("dawn.example/saima", &bytes, &signature).unwrap();
    assert_eq!(opened, decision);

    let foreign = standard.encode(ledger::intent::Decision { key: [0; 32], ..decision }.encode());
    let refused = place.run(&["sign", "intent", "my.key", origin[0], origin[1], &foreign]).await;
    assert!(refused.badly(1).contains("another key"));
    std::fs::set_permissions(place.path("my.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let open = place.run(&["sign", "intent", "my.key", origin[0], origin[1], &text]).await;
    assert!(open.badly(1).contains("can be read by others"));
}
