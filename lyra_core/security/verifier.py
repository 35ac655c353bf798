"""Verification of a package before it enters the store, as a result that can be printed.

Two phases, as docs/formats/bundle.md describes. On the raw bytes: size, hash, signature, registry metadata; nothing
is unpacked before they pass. On the content: tree hash, manifest against what was signed, compiled modules against
their source, verifier plugins, scan. Only then may a store commit it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from lyra_core.errors import IntegrityError, LyraError
from lyra_core.packages.bundle import PackageBundle
from lyra_core.packages.canonical_json import canonical_json
from lyra_core.packages.compiled import compare_compiled
from lyra_core.packages.units import counted
from lyra_core.security.keys import PublicKey, SecretKey, verify_signature
from lyra_core.security.source_scan import Finding, scan_bundle
from lyra_core.security.trust import TrustFile

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "HashVerifier",
    "PackageVerifier",
    "ReleaseClaim",
    "ReleaseStatement",
    "VerificationResult",
    "VerificationStep",
    "VerifierPlugin",
]

_CONTEXT = b"lyra-release-v1\0"
STEPS = ("size", "hash", "signature", "registry", "tree", "manifest", "compiled", "verifiers", "scan")
PASSED, FAILED, SKIPPED, WARNED = "passed", "failed", "skipped", "warned"
_MARKS = {PASSED: "ok", FAILED: "REFUSED", SKIPPED: "—", WARNED: "note"}


class Verdict(Protocol):
    """What a verifier plugin answers."""

    @property
    def accepted(self) -> bool: ...

    @property
    def reason(self) -> str: ...


#: Called with the bundle, the trust file and the policy; None or an accepting verdict lets the package pass.
VerifierPlugin = Callable[[PackageBundle, TrustFile, Any], Verdict | None]


@dataclass(frozen=True, slots=True)
class ReleaseStatement:
    """What an author signs about one release: everything that decides what will run, and what it may do."""

    name: str
    version: str
    tree: str
    bundle: str
    size: int
    dependencies: Sequence[Mapping[str, Any]]
    permissions: str

    @classmethod
    def of(cls, bundle: PackageBundle) -> ReleaseStatement:
        """Return the statement about *bundle*."""
        return cls(
            bundle.name,
            str(bundle.version),
            bundle.tree_hash,
            bundle.hash,
            bundle.size,
            bundle.dependencies,
            bundle.manifest.asks.digest,
        )

    def message(self) -> bytes:
        """Return the bytes that are signed: `lyra-release-v1`, a zero byte, canonical JSON."""
        return _CONTEXT + canonical_json(
            {
                "name": self.name,
                "version": self.version,
                "tree": self.tree,
                "bundle": self.bundle,
                "size": self.size,
                "dependencies": [dict(each) for each in self.dependencies],
                "permissions": self.permissions,
            }
        )

    def sign(self, key: SecretKey) -> str:
        """Return the signature of *key*."""
        return key.sign(self.message())


@dataclass(frozen=True, slots=True)
class ReleaseClaim:
    """What a registry, or a lock, says a release is. Empty and None mean that it does not say.

    *pinned_key* is the key the lock recorded when this package was first used.
    """

    name: str
    version: str
    bundle: str = ""
    tree: str = ""
    size: int | None = None
    dependencies: Sequence[Mapping[str, Any]] | None = None
    permissions: str = ""
    signature: str = ""
    key: str = ""
    pinned_key: str = ""
    registry: str = ""

    @classmethod
    def of(cls, bundle: PackageBundle, *, signature: str = "", key: str = "", registry: str = "") -> ReleaseClaim:
        """Return the claim that describes *bundle* itself, for a bundle that comes as a file."""
        statement = ReleaseStatement.of(bundle)
        return cls(
            statement.name,
            statement.version,
            statement.bundle,
            statement.tree,
            statement.size,
            statement.dependencies,
            statement.permissions,
            signature,
            key,
            registry=registry,
        )


@dataclass(frozen=True, slots=True)
class VerificationStep:
    """One step: *outcome* is `passed`, `failed`, `skipped` or `warned`; *code* is set for a failed one."""

    name: str
    outcome: str
    detail: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """What was checked, in order, with what came out. *key* signed it, as far as somebody did."""

    package: str
    version: str
    steps: tuple[VerificationStep, ...]
    key: str = ""
    signer: str = ""
    is_first_use: bool = False
    findings: tuple[Finding, ...] = field(default=())

    @property
    def is_trusted(self) -> bool:
        """Whether no step failed."""
        return all(step.outcome != FAILED for step in self.steps)

    @property
    def is_signed(self) -> bool:
        """Whether a signature was there and passed."""
        return any(step.name == "signature" and step.outcome == PASSED for step in self.steps)

    @property
    def failure(self) -> VerificationStep | None:
        """The step that refused the package."""
        return next((step for step in self.steps if step.outcome == FAILED), None)

    def error(self) -> IntegrityError:
        """Return the refusal as an error."""
        step = self.failure
        assert step is not None
        return IntegrityError(
            step.code,
            f"{self.package} {self.version} is refused: {step.detail}",
            notes=str(self).splitlines()[1:],
            hints=(f"lyra pkg verify {self.package}",),
        )

    def raise_if_refused(self) -> VerificationResult:
        """Return this result, or raise its refusal."""
        if not self.is_trusted:
            raise self.error()
        return self

    def merged(self, later: VerificationResult) -> VerificationResult:
        """Return the result of both phases."""
        return VerificationResult(
            self.package,
            self.version,
            self.steps + later.steps,
            self.key,
            self.signer,
            self.is_first_use,
            self.findings + later.findings,
        )

    def as_data(self) -> dict[str, Any]:
        """Return the result as data for `--json`."""
        return {
            "package": self.package,
            "version": self.version,
            "trusted": self.is_trusted,
            "signed": self.is_signed,
            "key": self.key,
            "signer": self.signer,
            "first_use": self.is_first_use,
            "steps": [{"name": each.name, "outcome": each.outcome, "detail": each.detail} for each in self.steps],
            "findings": [
                {"kind": each.kind, "path": each.path, "line": each.line, "message": each.message}
                for each in self.findings
            ],
        }

    def __str__(self) -> str:
        verdict = "trusted" if self.is_trusted else "refused"
        if self.is_trusted and not self.is_signed:
            verdict += ", unsigned"
        lines = [f"{self.package} {self.version}: {verdict}"]
        lines += [f"  {each.name:<10} {_MARKS[each.outcome]:<8} {each.detail}".rstrip() for each in self.steps]
        lines += [f"  {'':<10} {each.kind:<8} {each}" for each in self.findings]
        return "\n".join(lines)


class HashVerifier:
    """Compares contents with their expected hashes (`sha256:…`)."""

    @staticmethod
    def hash_of(content: bytes | memoryview) -> str:
        """Return the hash of *content*."""
        return "sha256:" + hashlib.sha256(content).hexdigest()

    def matches(self, content: bytes | memoryview, expected: str) -> bool:
        """Tell whether *content* has the hash *expected*."""
        return hmac.compare_digest(self.hash_of(content), expected)

    def verify_hash(self, content: bytes | memoryview, expected: str) -> None:
        """Refuse *content* that has another hash. Errors: IntegrityError LYR0611."""
        if not self.matches(content, expected):
            raise IntegrityError(
                "LYR0611",
                "the content is not the one that was expected",
                notes=(f"expected {expected}", f"found    {self.hash_of(content)}"),
            )


class PackageVerifier:
    """Decides whether a package may enter the store.

    *trust* is whom the user trusts. *level* is `signed` or `hash`: whether a release without a signature passes.
    *plugins* may only add refusals; an exception in one is a refusal. *recompile* gives the artefacts that `src/`
    compiles to, *registry_metadata* asks the registry's signed metadata and raises a LyraError to refuse,
    *known_names* are the packages a new one could be mistaken for, *artefact_powers* is handed to the scan.
    """

    def __init__(
        self,
        trust: TrustFile,
        *,
        level: str = "signed",
        policy: Any = None,
        plugins: Mapping[str, VerifierPlugin] | None = None,
        recompile: Callable[[PackageBundle], Mapping[str, bytes]] | None = None,
        registry_metadata: Callable[[ReleaseClaim], str] | None = None,
        known_names: Iterable[str] = (),
        artefact_powers: Callable[[str, bytes], Iterable[str]] | None = None,
    ) -> None:
        self.trust = trust
        self.level = level
        self.policy = policy
        self.plugins = dict(plugins or {})
        self.recompile = recompile
        self.registry_metadata = registry_metadata
        self.known_names = tuple(known_names)
        self.artefact_powers = artefact_powers
        self.hash_verifier = HashVerifier()

    @property
    def trusted_keys(self) -> tuple[PublicKey, ...]:
        """The keys the user trusts."""
        return tuple(each.key for each in self.trust.keys)

    def verify_package(self, package: PackageBundle, claim: ReleaseClaim | None = None) -> VerificationResult:
        """Return the result of both phases; without a *claim* the bundle is measured against itself."""
        claim = claim or ReleaseClaim.of(package, signature=package.signature, key=package.signing_key)
        first = self.verify_bytes(package.content, claim)
        return first.merged(self.verify_content(package, claim)) if first.is_trusted else first

    def verify_bytes(self, content: bytes, claim: ReleaseClaim) -> VerificationResult:
        """Return the result of the first phase, which looks at the packed bytes alone."""
        run = _Run(claim)
        steps: tuple[tuple[str, Callable[..., tuple[str, str]], tuple[Any, ...]], ...] = (
            ("size", self._check_size, (content, claim)),
            ("hash", self._check_hash, (content, claim)),
            ("signature", self._check_signature, (claim, run)),
            ("registry", self._check_registry, (claim,)),
        )
        return run.through(steps)

    def verify_content(self, package: PackageBundle, claim: ReleaseClaim) -> VerificationResult:
        """Return the result of the second phase, which looks at what the bundle unpacks to."""
        run = _Run(claim)
        steps: tuple[tuple[str, Callable[..., tuple[str, str]], tuple[Any, ...]], ...] = (
            ("tree", self._check_tree, (package, claim)),
            ("manifest", self._check_manifest, (package, claim)),
            ("compiled", self._check_compiled, (package,)),
            ("verifiers", self._ask_plugins, (package,)),
            ("scan", self._scan, (package, run)),
        )
        return run.through(steps)

    def check_tree(self, claim: ReleaseClaim) -> Callable[[Path, PackageBundle], None]:
        """Return the second phase as the check that `Store.install` calls before it commits."""

        def check(_tree: Path, package: PackageBundle) -> None:
            self.verify_content(package, claim).raise_if_refused()

        return check

    # The steps: each returns (outcome, detail) or raises the refusal

    def _check_size(self, content: bytes, claim: ReleaseClaim) -> tuple[str, str]:
        if claim.size is None:
            return SKIPPED, "nobody stated a size"
        if len(content) != claim.size:
            raise IntegrityError("LYR0610", f"it has {len(content):,} bytes, {claim.size:,} were announced")
        return PASSED, f"{claim.size:,} bytes"

    def _check_hash(self, content: bytes, claim: ReleaseClaim) -> tuple[str, str]:
        if not claim.bundle:
            return SKIPPED, "nobody stated a hash"
        if not self.hash_verifier.matches(content, claim.bundle):
            raise IntegrityError("LYR0611", "its hash is not the one that was announced")
        return PASSED, claim.bundle[:19] + "…"

    def _check_signature(self, claim: ReleaseClaim, run: _Run) -> tuple[str, str]:
        if not claim.signature:
            if claim.pinned_key:
                raise IntegrityError("LYR0614", "it is not signed, and an earlier release of it was")
            if self.level == "signed":
                raise IntegrityError("LYR0614", "it is not signed, and only signed releases are accepted here")
            return SKIPPED, "unsigned"
        key = PublicKey.parse(claim.key)
        reason = self.trust.revocation(key)
        if reason is not None:
            raise IntegrityError("LYR0615", f"its key was revoked: {reason}")
        if not claim.bundle or not claim.tree or claim.size is None or claim.dependencies is None:
            raise IntegrityError("LYR0612", "the signature covers facts that the registry does not state")
        statement = ReleaseStatement(
            claim.name, claim.version, claim.tree, claim.bundle, claim.size, claim.dependencies, claim.permissions
        )
        if not verify_signature(key, claim.signature, statement.message()):
            raise IntegrityError("LYR0612", "its signature is not valid")
        run.key = claim.key
        trusted = self.trust.trusted(key, claim.name)
        run.signer = trusted.name if trusted else ""
        if claim.pinned_key:
            if claim.pinned_key != claim.key and trusted is None:
                raise IntegrityError(
                    "LYR0613", f"another key signed it: {key.fingerprint} instead of the one in lyra.lock"
                )
            return PASSED, f"by {run.signer or 'the key in lyra.lock'} ({key.fingerprint})"
        if trusted is None:
            run.is_first_use = True
            return PASSED, f"by a key seen for the first time ({key.fingerprint})"
        return PASSED, f"by {trusted.name or 'a trusted key'} ({key.fingerprint})"

    def _check_registry(self, claim: ReleaseClaim) -> tuple[str, str]:
        if self.registry_metadata is None:
            return SKIPPED, "this registry has no signed metadata"
        return PASSED, self.registry_metadata(claim)

    def _check_tree(self, package: PackageBundle, claim: ReleaseClaim) -> tuple[str, str]:
        if (package.name, str(package.version)) != (claim.name, claim.version):
            raise IntegrityError("LYR0608", f"it says that it is {package.name} {package.version}")
        if not claim.tree:
            return SKIPPED, "nobody stated a tree hash"
        if package.tree_hash != claim.tree:
            raise IntegrityError("LYR0607", "its tree hash is not the one that was announced")
        return PASSED, claim.tree[:19] + "…"

    def _check_manifest(self, package: PackageBundle, claim: ReleaseClaim) -> tuple[str, str]:
        if claim.dependencies is not None and canonical_json([dict(each) for each in claim.dependencies]) != (
            canonical_json(package.dependencies)
        ):
            raise IntegrityError("LYR0608", "its dependencies are not those that were announced")
        if claim.permissions and package.manifest.asks.digest != claim.permissions:
            raise IntegrityError("LYR0608", "its permissions are not those that were announced")
        asks = counted(len(package.manifest.asks.items()), "permission")
        return PASSED, f"{counted(len(package.dependencies), 'dependency')}, {asks}"

    def _check_compiled(self, package: PackageBundle) -> tuple[str, str]:
        shipped = package.compiled
        if not shipped:
            return SKIPPED, "no compiled modules travel along"
        if self.recompile is None:
            return SKIPPED, f"{len(shipped)} compiled modules are not used"
        found = compare_compiled(shipped, self.recompile(package))
        if found.forged:
            raise IntegrityError("LYR0617", f"the compiled module {found.forged[0]} is not what src/ compiles to")
        if found.other:
            return (
                PASSED,
                f"{len(found.equal)} of {len(shipped)} compiled modules equal their source, others are not used",
            )
        return PASSED, "the compiled module equals its source" if len(shipped) == 1 else (
            f"{len(shipped)} compiled modules equal their source"
        )

    def _ask_plugins(self, package: PackageBundle) -> tuple[str, str]:
        if not self.plugins:
            return SKIPPED, "no verifier is installed"
        for name, plugin in sorted(self.plugins.items()):
            try:
                verdict = plugin(package, self.trust, self.policy)
                accepted = verdict is None or verdict.accepted is True
                reason = "" if verdict is None else str(verdict.reason)
            except Exception as error:  # a third party's code: whatever it raises, it did not accept
                raise IntegrityError(
                    "LYR0618", f"the verifier {name} failed: {type(error).__name__}: {error}"
                ) from error
            if not accepted:
                raise IntegrityError("LYR0618", f"the verifier {name} refuses it: {reason or 'no reason given'}")
        return PASSED, ", ".join(sorted(self.plugins))

    def _scan(self, package: PackageBundle, run: _Run) -> tuple[str, str]:
        findings = scan_bundle(package, self.known_names, self.artefact_powers)
        run.findings = tuple(findings)
        refusal = next((each for each in findings if each.kind == "refuse"), None)
        if refusal is not None:
            raise IntegrityError("LYR0619", str(refusal))
        return (WARNED, f"{len(findings)} to look at") if findings else (PASSED, "nothing noteworthy")


class _Run:
    """Collects the steps of one phase."""

    def __init__(self, claim: ReleaseClaim) -> None:
        self.claim = claim
        self.steps: list[VerificationStep] = []
        self.key = ""
        self.signer = ""
        self.is_first_use = False
        self.findings: tuple[Finding, ...] = ()

    def through(
        self, steps: Iterable[tuple[str, Callable[..., tuple[str, str]], tuple[Any, ...]]]
    ) -> VerificationResult:
        """Run *steps* until one fails and return what came out."""
        for name, check, arguments in steps:
            if not self.step(name, check, *arguments):
                break
        return self.result()

    def step(self, name: str, check: Callable[..., tuple[str, str]], *arguments: Any) -> bool:
        """Run one step and tell whether the next one may follow."""
        try:
            outcome, detail = check(*arguments)
        except LyraError as error:
            code = error.code if error.code.startswith("LYR06") else "LYR0616"
            self.steps.append(VerificationStep(name, FAILED, error.message, code))
            return False
        self.steps.append(VerificationStep(name, outcome, detail))
        return True

    def result(self) -> VerificationResult:
        return VerificationResult(
            self.claim.name,
            self.claim.version,
            tuple(self.steps),
            self.key,
            self.signer,
            self.is_first_use,
            self.findings,
        )
