//! Which part of the service answers which request.

use trussed::Platform;
use trussed::backend::Backend as _;
use trussed::serde_extensions::{ExtensionDispatch, ExtensionId, ExtensionImpl};
use trussed::service::ServiceResources;
use trussed::types::Context;
use trussed_auth::AuthExtension;
use trussed_auth_backend::{AuthBackend, AuthContext, FilesystemLayout};
use trussed_chunked::ChunkedExtension;
use trussed_core::Error;
use trussed_core::api::{Reply, Request, reply, request};
use trussed_core::types::Location;
use trussed_hpke::HpkeExtension;
use trussed_staging::{StagingBackend, StagingContext};
use trussed_wrap_key_to_file::WrapKeyToFileExtension;

/// The backends beside the core.
#[derive(Debug, Clone, Copy)]
pub enum Backend {
    /// PINs.
    Auth,
    /// Everything that is not in the core yet.
    Staging,
}

/// What the backends remember of a client.
#[derive(Default)]
pub struct Contexts {
    auth: AuthContext,
    staging: StagingContext,
}

/// What the applets ask for beyond the core's requests.
#[derive(Debug, Clone, Copy)]
pub enum Extension {
    /// PINs.
    Auth,
    /// Files in pieces.
    Chunked,
    /// Hybrid public key encryption.
    Hpke,
    /// Wrapped keys in files.
    WrapKeyToFile,
}

impl From<Extension> for u8 {
    fn from(extension: Extension) -> Self {
        extension as u8
    }
}

impl TryFrom<u8> for Extension {
    type Error = Error;

    fn try_from(id: u8) -> Result<Self, Error> {
        let all = [Self::Auth, Self::Chunked, Self::Hpke, Self::WrapKeyToFile];
        all.get(usize::from(id)).copied().ok_or(Error::InternalError)
    }
}

/// The backends.
pub struct Dispatcher {
    auth: AuthBackend,
    staging: StagingBackend,
}

impl Dispatcher {
    pub(super) fn new() -> Self {
        let auth = AuthBackend::new(Location::Internal, FilesystemLayout::V0);
        Self { auth, staging: StagingBackend::new() }
    }
}

impl ExtensionDispatch for Dispatcher {
    type BackendId = Backend;
    type Context = Contexts;
    type ExtensionId = Extension;

    fn core_request<P: Platform>(
        &mut self,
        backend: &Backend,
        ctx: &mut Context<Contexts>,
        request: &Request,
        resources: &mut ServiceResources<P>,
    ) -> Result<Reply, Error> {
        let (core, own) = (&mut ctx.core, &mut ctx.backends);
        match backend {
            Backend::Auth => self.auth.request(core, &mut own.auth, request, resources),
            Backend::Staging => self.staging.request(core, &mut own.staging, request, resources),
        }
    }

    fn extension_request<P: Platform>(
        &mut self,
        backend: &Backend,
        extension: &Extension,
        ctx: &mut Context<Contexts>,
        request: &request::SerdeExtension,
        resources: &mut ServiceResources<P>,
    ) -> Result<reply::SerdeExtension, Error> {
        let core = &mut ctx.core;
        let Contexts { auth, staging } = &mut ctx.backends;
        macro_rules! ask {
            ($backend:ident, $extension:ty) => {
                ExtensionImpl::<$extension>::extension_request_serialized(
                    &mut self.$backend,
                    core,
                    $backend,
                    request,
                    resources,
                )
            };
        }
        match (backend, extension) {
            (Backend::Auth, Extension::Auth) => ask!(auth, AuthExtension),
            (Backend::Staging, Extension::Chunked) => ask!(staging, ChunkedExtension),
            (Backend::Staging, Extension::Hpke) => ask!(staging, HpkeExtension),
            (Backend::Staging, Extension::WrapKeyToFile) => ask!(staging, WrapKeyToFileExtension),
            _ => Err(Error::RequestNotAvailable),
        }
    }
}

impl ExtensionId<AuthExtension> for Dispatcher {
    type Id = Extension;
    const ID: Extension = Extension::Auth;
}

impl ExtensionId<ChunkedExtension> for Dispatcher {
    type Id = Extension;
    const ID: Extension = Extension::Chunked;
}

impl ExtensionId<HpkeExtension> for Dispatcher {
    type Id = Extension;
    const ID: Extension = Extension::Hpke;
}

impl ExtensionId<WrapKeyToFileExtension> for Dispatcher {
    type Id = Extension;
    const ID: Extension = Extension::WrapKeyToFile;
}
