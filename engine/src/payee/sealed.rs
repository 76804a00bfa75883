use domain::ids::AccountId;
use domain::payee::Account;

use crate::Error;
use crate::seal::Seal;
use crate::world::World;

/// All of an account, sealed so that it opens no other.
pub fn seal(seal: &Seal, world: &World, id: AccountId, account: &Account) -> Result<String, Error> {
    seal.seal(world, &purpose(id), &serde_json::to_string(account)?)
}

/// The whole of an account.
pub fn unseal(seal: &Seal, id: AccountId, sealed: &str) -> Result<Account, Error> {
    let plain = seal.open(&purpose(id), sealed);
    let plain = plain.ok_or(Error::Seal("an account was not sealed with this key"))?;
    Ok(serde_json::from_str(&plain)?)
}

fn purpose(id: AccountId) -> String {
    format!("account:{id}")
}
