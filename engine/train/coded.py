"""Teaches a generator of codes on the squares of a folder, in three parts of the time.

1. An autoencoder learns codes from small cut-outs of the pictures (train.showing says what it loses). Then all pictures
   become codes, and the axes that these have are measured (train.codes). A picture's latent says where it is.
2. A flow learns to draw latents whose traits go together as in the pictures (train.flowing).
3. The generator learns to show pictures of their own latents, where every error counts, and latents that were drawn.
   There is no picture that these should become, but they keep the layout that the autoencoder gives their codes, and
   grain costs them its square, as it costs a photo. Of both it counts whether a critic of patches takes them for real
   (Larsen et al. 2016, "Autoencoding beyond Pixels Using a Learned Similarity Metric"; Isola et al. 2017).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Generator as Work
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.model import own_manifold
from engine.model.device import shortened
from engine.model.features import Features
from engine.model.networks.autoencoder import CODE, STRIDE, CodeDecoder, CodeEncoder, PatchCritic
from engine.model.networks.coded import GRAINY, CodedGenerator, Reading
from engine.train import distributed
from engine.train.adversarial import R1_EVERY
from engine.train.balance import Balance
from engine.train.classes import labels_of, shares_of
from engine.train.codes import CROP, ENCODED, corners, cut_at, cut_out, encoded, lay_out
from engine.train.course import Task
from engine.train.flowing import drawn, missed
from engine.train.photos import to_tensor
from engine.train.recipe import JUDGING
from engine.train.showing import Showing, laid_otherwise, roughness
from engine.train.trainer import CONTESTED, Budget, Pieces, Run, follow, running, set_rate

BEGUN = (0.0, 0.3, 0.7)
"""Shares of the time from which on each part runs; making codes of all pictures puts off the end of the second."""

SEEN = 40
"""Times that the second part sees each picture either way, at most; with 400, held-out ones gained until then."""

KNOWN = 1024
"""Latents that the third part draws from, where there are as many pictures."""

BATCHES = (16, 32, 16)
RATES = (2e-3, 1.5e-3, 1.5e-3)
MOMENTA = (0.8, 0.9, 0.5)
"""Adam's at its highest and its first beta, in each part."""

SHOWN = 10
"""Places of a side of the part of a code that is shown: sixteen such parts take half as long as eight wholes."""

NOISE = 0.1
"""Spread of what is added to a code before it is shown, so that codes near by are shown alike."""

PIXELS = (8.0, 2.0)
"""Weight of every pixel's own squared error, in the first part and in the last; there of drawn pictures' grain too."""

SHARE, FADE = 0.6, 300
"""How long the critic's slope is against that of the error, and the steps of the last part in which it fades in."""

KEPT = 0.998
"""Of the average, at every step, once a part has lasted for some."""

STEEPEST = 5.0

Pausing = Work[None, None, None]


class Coded(Run):
    """A course (see `course`). Everything random is drawn on the processor, from seed and step."""

    shares = BEGUN

    def __init__(self, task: Task) -> None:
        super().__init__(Budget(task.minutes, checkpoint_minutes=task.checkpoint_minutes), task.checkpoint)
        self._labels = labels_of(task.names, task.classes) if task.classes else None
        shares = [] if self._labels is None else shares_of(self._labels, len(task.classes))
        self._task, self._showing = task, Showing(Features.load().on(task.device))
        self._generator, self._encoder = CodedGenerator(task.size, shares), CodeEncoder()
        self._networks = {"generator": self._generator, "encoder": self._encoder, "patches": self._showing.patches}
        for network in self._networks.values():
            network.to(task.device).to(memory_format=torch.channels_last)
        distributed.agree(*self._networks.values())
        self._plain = copy.deepcopy(self._generator.synthesis.decoder).requires_grad_(False)
        self._place, self._entered, self._since = 0, 0, 0.0
        self._optimizers = self._new_optimizers()
        self._average = {name: copy.deepcopy(network.state_dict()) for name, network in self._networks.items()}
        self._parts: list[slice] = [slice(None)]
        self._latents, self._drawn = torch.empty(0), torch.empty(0)
        self._balance = Balance(SHARE)
        self._fooled, self._rough = math.nan, [math.nan] * 3

    def _new_optimizers(self) -> list[torch.optim.Adam]:
        """Of all that learns but the critic, and of the critic."""
        *learners, patches = self._networks.values()
        groups = ([weight for network in learners for weight in network.parameters()], [*patches.parameters()])
        return [torch.optim.Adam(weights, JUDGING, betas)
                for weights, betas in zip(groups, ((MOMENTA[self._place], 0.99), CONTESTED), strict=True)]

    def state(self) -> dict[str, Any]:
        """The networks, their optimisers and averages; the latents are made again."""
        networks = {name: network.state_dict() for name, network in self._networks.items()}
        return networks | {"average": self._average, "plain": self._plain.state_dict(),
                           "optimizers": [each.state_dict() for each in self._optimizers],
                           "place": self._place, "entered": self._entered, "since": self._since,
                           "balance": self._balance.weight, "fooled": self._fooled, "rough": self._rough}

    def restore(self, state: dict[str, Any]) -> None:
        """The same."""
        for name, network in self._networks.items():
            network.load_state_dict(state[name])
        self._plain.load_state_dict(state["plain"])
        for optimizer, saved in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self._average = {name: {key: value.to(self._task.device) for key, value in saved.items()}
                         for name, saved in state["average"].items()}
        self._place, self._entered, self._since = state["place"], state["entered"], state["since"]
        self._balance.weight, self._fooled, self._rough = state["balance"], state["fooled"], state["rough"]

    @property
    def losses(self) -> list[float]:
        """Of the pictures, and of the critic."""
        return [self.loss, self._fooled]

    @property
    def batch(self) -> int:
        """Pictures of a step, in this part."""
        return BATCHES[self._place]

    def part(self, count: int) -> None:
        """Every so manieth picture of a batch is a part: count divides it."""
        self._parts = [slice(first, None, count) for first in range(count)]

    def pieces(self) -> Pieces:
        """Until the budget is spent."""
        with closing(self.steps(self.advance)) as steps:
            for step in steps:
                part = ("the autoencoder", "the flow", "the generator")[self._place]
                yield step and replace(step, note=f"Step {step.step}, {part}, error {self.loss:.3f}")

    def advance(self) -> Pausing:
        """One step, with pauses."""
        random = torch.Generator().manual_seed(self._task.seed * 1_000_003 + self.step * 64 + distributed.rank())
        if math.isnan(self._since):
            self._since = self.fraction
        yield from self._enter()
        warm, within = min(1.0, (self.step - self._entered + 1) / 50), min(1.0, self._within())
        fall = warm * (0.49 * (1 + math.cos(math.pi * within)) + 0.02)
        for optimizer, rate in zip(self._optimizers, (fall * RATES[self._place], JUDGING), strict=True):
            set_rate(optimizer, rate)
            optimizer.zero_grad(set_to_none=True)
        chosen = self._task.chosen[torch.randint(len(self._task.chosen), (self.batch,), generator=random).numpy()]
        flipped = torch.rand(self.batch, generator=random) < 0.5
        yield from (self._autoencode, self._flow, self._show)[self._place](chosen, flipped, random)
        for optimizer in self._optimizers:
            self._step(optimizer)
        self.step += 1
        self._follow()

    def _enter(self) -> Pausing:
        """Into the part that the time says, with the averages of the one before."""
        before = self._place
        place = min(2, before + (self._within() >= 1))
        if place > before:
            for name, saved in self._average.items():
                self._networks[name].load_state_dict(saved)
            distributed.agree(*self._networks.values())  # the encoder's statistics are of each process' own pictures
            self._place, self._entered, self._since = place, self.step, self.fraction
            self._optimizers = self._new_optimizers()
        self._encoder.train(not self._place).requires_grad_(not self._place)
        if self._place and not len(self._latents):
            yield from self._lay_out(new=not before)
            self._since = self._since if before else math.nan
        if place > before:
            distributed.agree(self._generator)
            self._plain.load_state_dict(self._generator.synthesis.decoder.state_dict())
            self._average["generator"] = copy.deepcopy(self._generator.state_dict())
        if place == 2 and not len(self._drawn):
            random = torch.Generator().manual_seed(self._task.seed + distributed.rank())
            count = min(KNOWN, len(self._task.chosen))
            self._drawn = yield from drawn(self._generator.mapping, count, self._task.device, random)

    def _lay_out(self, new: bool) -> Pausing:
        """Every picture's latent. new: along axes that are to be found."""
        chosen = self._task.chosen
        codes = yield from encoded(self._encoder, self._task.pictures, self._task.device)
        if new:
            lay_out(self._generator, codes[:, chosen], self._told(chosen))
            distributed.agree(self._generator)
        read = self._generator.synthesis.read
        some = [read(each.to(self._task.device).float()).cpu() for each in codes.flatten(0, 1).split(ENCODED)]
        self._latents = torch.cat(some)[:, 0].unflatten(0, codes.shape[:2])

    def _within(self) -> float:
        """0..1, or more, of this part."""
        begun, end = (*BEGUN, 1.0)[self._place:self._place + 2]
        since = self.fraction if math.isnan(self._since) else self._since
        passed = (self.fraction - since) / (end - (since if self._place == 2 else begun))
        seen = (self.step - self._entered) * self.batch / (2 * len(self._task.chosen))
        return max(passed, seen / SEEN) if self._place == 1 else passed

    def _pictures(self, chosen: np.ndarray, flipped: Tensor) -> Tensor:
        pictures = to_tensor(self._task.pictures[chosen])
        turned = torch.where(flipped[:, None, None, None], pictures.flip(3), pictures)
        return turned.to(self._task.device).contiguous(memory_format=torch.channels_last)

    def _told(self, chosen: np.ndarray) -> Tensor | None:
        return None if self._labels is None else torch.from_numpy(self._labels[chosen]).to(self._task.device)

    def _autoencode(self, chosen: np.ndarray, flipped: Tensor, random: torch.Generator) -> Pausing:
        """Slopes of the autoencoder."""
        real, errors = cut_out(self._pictures(chosen, flipped), random), []
        noise = NOISE * torch.randn(len(real), CODE, CROP // STRIDE, CROP // STRIDE, generator=random)
        for part in self._parts:
            with shortened(self._task.device):
                made = self._generator.synthesis.decoder(self._encoder(real[part]) + noise[part].to(real.device))
                errors.append(self._showing.lost(made, real[part], random, PIXELS[0]))
            (errors[-1] / len(self._parts)).backward()
            yield
        self._note(errors)

    def _laid(self, chosen: np.ndarray, flipped: Tensor) -> Tensor:
        return self._latents[flipped.long(), torch.from_numpy(chosen)].to(self._task.device)

    def _flow(self, chosen: np.ndarray, flipped: Tensor, random: torch.Generator) -> Pausing:
        """Slopes of the flow."""
        laid, told, errors = self._laid(chosen, flipped), self._told(chosen), []
        for part in self._parts:
            errors.append(missed(self._generator.mapping, laid[part], None if told is None else told[part], random))
            (errors[-1] / len(self._parts)).backward()
            yield
        self._note(errors)

    def _show(self, chosen: np.ndarray, flipped: Tensor, random: torch.Generator) -> Pausing:
        """Slopes of the generator and of the critic, by parts of pictures: half of them of pictures' own latents."""
        synthesis, half = self._generator.synthesis, len(chosen) // 2
        some = torch.randint(len(self._drawn), (len(chosen) - half,), generator=random)
        latents = torch.cat([self._laid(chosen[:half], flipped[:half]), self._drawn[some]])[:, None]
        side = min(SHOWN, synthesis.side)
        rough = torch.randn(len(chosen), *synthesis.rough.shape[1:], generator=random).to(latents.device)
        places = corners(len(chosen), synthesis.side - side + 1, random)
        real = cut_at(self._pictures(chosen, flipped), STRIDE * places, STRIDE * side)
        noise = torch.randn(len(real), 1, *real.shape[2:], generator=random).to(latents.device)
        with torch.no_grad():
            laid = self._plain(cut_at(synthesis.flat(latents[half:]), places[:, half:], side))
        goals, errors = torch.cat([real[:half], laid]), []
        strength, share = min(1.0, (self.step - self._entered) / FADE), 1 / len(self._parts)
        for part in self._parts:
            with shortened(self._task.device):
                codes = cut_at(synthesis.code(latents[part], rough[part]), places[:, part], side)
                shown, grain = synthesis.shown(codes, noise[part])
                made, goal, own = (shown + grain).float(), goals[part], len(shown) // 2
                error = self._showing.lost(made[:own], goal[:own], random, PIXELS[1])
                placed = laid_otherwise(made[own:], goal[own:]) + PIXELS[1] * grain[own:].square().mean()
                deceived = self._showing.deceived(made, random)
            errors.append(error)
            found = (roughness(each) for each in (real[part], shown.detach().float(), grain.detach().float()))
            self._rough = [running(*pair) for pair in zip(self._rough, found, strict=True)]
            fooled = self._balance.weighed(deceived, error, made, slice(own))
            (share * (error + placed + strength * fooled)).backward()
            yield
            sloped = R1_EVERY if self.step % R1_EVERY == 0 else 0
            judged = self._showing.told_apart(made, real[part], sloped, random)
            (share * judged).backward()
            self._fooled = running(self._fooled, float(judged.detach()))
            yield
        self._note(errors)

    def _step(self, optimizer: torch.optim.Adam) -> None:
        weights = [p for p in optimizer.param_groups[0]["params"] if p.grad is not None]
        if not weights:
            return  # the critic, in the parts that it has none in
        distributed.average(weights)
        if torch.isfinite(nn.utils.clip_grad_norm_(weights, STEEPEST)):
            optimizer.step()

    def _follow(self) -> None:
        since = self.step - self._entered
        decay = min(KEPT, since / (since + 10))
        for name, average in self._average.items():
            follow(average, self._networks[name], decay)

    def _note(self, errors: list[Tensor]) -> None:
        self.note_loss(sum(float(each.detach()) for each in errors) / len(errors))

    def side(self) -> int:
        """Always the whole."""
        return self._task.size

    def averaged(self) -> CodedGenerator:
        """A generator of its own on the processor, with the averaged weights."""
        generator = copy.deepcopy(self._generator).cpu()
        generator.load_state_dict(self._average["generator"])
        if self._place == 2:
            generator.synthesis.grain.filters.data *= self._grainy() / GRAINY
        return generator.eval()

    def _grainy(self) -> float:
        """How much of its grain makes what it shows as rough as the pictures are; GRAINY at most.

        A critic of patches likes grain where there is none, too: things on white came out dotted.
        """
        real, shown, grain = self._rough
        return min(GRAINY, math.sqrt(max(real - shown, 0.0) / max(grain, 1e-12))) if real >= 0 else GRAINY

    def mirror(self) -> nn.Module | None:
        """The averaged autoencoder, in the first part."""
        if self._place:
            return None
        encoder, decoder = CodeEncoder(), CodeDecoder()
        encoder.load_state_dict(self._average["encoder"])
        decoder.load_state_dict(own_manifold.part(self._average["generator"], "synthesis.decoder"))
        return nn.Sequential(encoder, decoder).eval()

    def critic_kept(self) -> PatchCritic:
        """The critic, on the processor."""
        return self._showing.patches.cpu()

    def encoder_kept(self, mean: Tensor, basis: Tensor) -> Reading:
        """The averaged encoder, and the way from codes to latents."""
        kept = Reading(self._task.size, len(basis))
        kept.encoder.load_state_dict(self._average["encoder"])
        kept.suit(self.averaged().synthesis, mean, basis)
        return kept.eval()

    def told(self) -> str:
        """For the card."""
        return f"{self._task.device.type}, {', '.join(map(str, BATCHES))} pictures a step"


def course(task: Task) -> Coded:
    """Begun, or taken up from its checkpoint."""
    coded = Coded(task)
    if task.resume:
        coded.resume()
    return coded
