//! The interface's own description: OpenAPI 3.1, made from the types and the routes.
//!
//! A route is described where it is handled, and mounted by its description, so that there is
//! none without. `center/openapi.json` is this description, held equal by a test.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use saifu_center_api::{PROBLEMS, Problem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr,
    ResponseBuilder,
};
use utoipa::{IntoResponses, OpenApi as _};

/// The media type of the description.
const MEDIA_TYPE: &str = "application/json";

/// What the description begins with.
pub(super) fn about() -> OpenApi {
    let license = LicenseBuilder::new().name(env!("CARGO_PKG_LICENSE")).build();
    let info = InfoBuilder::new()
        .title("Saifu center")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Between terminal and center: section 16 of apdu-spec.md. Signed structures travel in \
             lower-case hex; whatever was not answered is asked for again in the same words.",
        ))
        .license(Some(license))
        .build();
    let mut about = OpenApiBuilder::new().info(info).build();
    about.merge(Shared::openapi());
    about
}

/// What no single route names.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Problem)), modifiers(&Operators))]
struct Shared;

/// How operators show who they are.
struct Operators;

impl utoipa::Modify for Operators {
    fn modify(&self, description: &mut OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("operator", SecurityScheme::Http(bearer));
    }
}

/// The description, as JSON for people and programs.
pub fn description() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let (_, mut description) = super::described(super::admin::routes()).split_for_parts();
        complete(&mut description);
        // Strings and numbers only: there is nothing that JSON could not say.
        description.to_pretty_json().unwrap_or_default() + "\n"
    });
    &TEXT
}

/// Says of each answer what it is, gives each operation a name of its own, and leaves the shape
/// of bytes open: what a route does not say and the format asks for.
fn complete(description: &mut OpenApi) {
    for (path, item) in &mut description.paths.paths {
        let PathItem { get, put, post, delete, patch, .. } = item;
        for operation in [get, put, post, delete, patch].into_iter().flatten() {
            let nouns = path.split('/').map(|part| part.trim_matches(['{', '}']));
            let nouns = nouns.filter(|part| !matches!(*part, "" | "v1"));
            let verb = operation.operation_id.take().unwrap_or_default();
            let words: Vec<_> = std::iter::once(verb.as_str()).chain(nouns).collect();
            operation.operation_id = Some(words.join("_").replace(['-', '.'], "_"));
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response {
                    describe(status, response);
                }
            }
        }
    }
}

fn describe(status: &str, response: &mut utoipa::openapi::Response) {
    if response.description.is_empty() {
        let status = status.parse::<StatusCode>().ok();
        let phrase = status.and_then(|status| status.canonical_reason());
        response.description = phrase.unwrap_or("An answer").to_owned();
    }
    for (media_type, content) in &mut response.content {
        if let RefOr::T(content) = content
            && !media_type.contains("json")
            && !media_type.starts_with("text/")
        {
            content.schema = None;
        }
    }
}

/// The description of this interface.
#[utoipa::path(
    get,
    path = "/v1/openapi.json",
    tag = "center",
    responses((status = 200, body = serde_json::Value), Refused),
)]
pub(super) async fn show() -> Response {
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], description()).into_response()
}

/// What every route may refuse with: a problem of the one table.
pub(super) struct Refused;

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let codes: Vec<String> =
            PROBLEMS.iter().map(|code| format!("`{}` ({})", code.code(), code.status())).collect();
        let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let refused = ResponseBuilder::new()
            .description(format!("A refusal: {}.", codes.join(", ")))
            .content("application/problem+json", problem)
            .build();
        BTreeMap::from([("default".to_owned(), RefOr::T(refused))])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;
    use std::{env, fs};

    use super::*;

    #[test]
    fn the_description_in_the_repository_is_that_of_the_code() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
        if env::var_os("SAIFU_BLESS").is_some() {
            fs::write(&file, description()).unwrap();
        }
        let kept = fs::read_to_string(&file).unwrap();
        assert!(kept == description(), "run this test with SAIFU_BLESS=1, and read the difference");
    }

    #[test]
    fn it_is_openapi_3_1_and_every_answer_may_be_a_problem() {
        let told: serde_json::Value = serde_json::from_str(description()).unwrap();
        assert!(told["openapi"].as_str().unwrap().starts_with("3.1."));
        let paths = told["paths"].as_object().unwrap();
        assert!(paths.len() > 20);
        let mut names = BTreeSet::new();
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().unwrap() {
                let refused = &operation["responses"]["default"]["content"];
                assert!(refused["application/problem+json"].is_object(), "{method} {path}");
                let name = operation["operationId"].as_str().unwrap();
                assert!(names.insert(name.to_owned()), "{method} {path}: another is {name}, too");
                for (status, answer) in operation["responses"].as_object().unwrap() {
                    let says = answer["description"].as_str();
                    assert!(says.is_some_and(|says| !says.is_empty()), "{method} {path} {status}");
                }
            }
        }
        assert!(told["components"]["schemas"]["Problem"].is_object());
    }
}
