"""How a model is trained: the same JSON file as `hrm train --config` reads, with the same meaning.

`arch` has the reference's keys (HrmConfig), `train` the keys of TrainSettings; an unknown key is an
error, as there.
"""

import json
import math
from types import SimpleNamespace

ARCH = dict(
    seq_len=81, vocab_size=11, puzzle_emb_ndim=-1, puzzle_emb_len=None, num_puzzle_identifiers=1,
    H_cycles=2, L_cycles=2, H_layers=4, L_layers=4, hidden_size=512, expansion=4, num_heads=8,
    pos_encodings="rope", rope_theta=10000, rms_norm_eps=1e-5, halt_max_steps=16,
    halt_exploration_prob=0.1, no_ACT_continue=False, swiglu_norm=False, mlp_t=False,
    H_mlp_t=None, L_mlp_t=None, puzzle=None,
)  # fmt: skip

# Keys of a published arch that concern neither the mathematics nor its sizes.
PUBLISHED = ("name", "loss", "forward_dtype", "batch_size", "causal")

TRAIN = dict(
    data=None, examples=0, validation=512, augment=True,
    weights=None,  # a model folder to begin from; None: random values
    extra_clues=0, extra_clues_until=0, extra_clues_share=1.0,
    save_dtype="float32",  # of Java's; a model that travels from a GPU is bfloat16
    batch=64, steps=1000, max_segments=0, evaluate_every=500, patience=0, depth_curriculum=(),
    optimizer="adam-atan2", lr=1e-3, adam_lr=1e-3, puzzle_emb_lr=1e-2, lr_warmup_steps=200,
    lr_min_ratio=1.0, weight_decay=0.1, adam_weight_decay=0.1, puzzle_emb_weight_decay=0.1,
    beta1=0.9, beta2=0.95, momentum=0.95, ema=0.999,
    loss="stablemax", label_smoothing=0.0, gradient="last-cycle", random_states=False, noise=0.0,
    seed=0,
)  # fmt: skip

CHOICES = {
    "loss": ("stablemax", "softmax"),
    "gradient": ("last-cycle", "one-step"),
    "optimizer": ("adam-atan2", "adamw", "muon"),
}


class InputError(Exception):
    """Something that the user gave is wrong; the text says what, where and what to do."""


class Arch:
    """Hyper-parameters of one model, with what follows from them."""

    def __init__(self, keys):
        self.keys = {**ARCH, **{k: v for k, v in keys.items() if k in ARCH}}
        self.__dict__.update(self.keys)
        k = self
        self.ndim = k.hidden_size if k.puzzle_emb_ndim < 0 else k.puzzle_emb_ndim
        given = k.puzzle_emb_len is not None and self.ndim > 0
        self.prefix = k.puzzle_emb_len if given else -(-self.ndim // k.hidden_size)  # P
        self.sequence = k.seq_len + self.prefix  # S
        self.head_dim = k.hidden_size // k.num_heads
        self.single_net = k.H_layers == 0
        self.mixing = {
            "H_level": k.mlp_t if k.H_mlp_t is None else k.H_mlp_t,
            "L_level": k.mlp_t if k.L_mlp_t is None else k.L_mlp_t,
        }

    def inter(self, width):
        """Inner width of a SwiGLU over `width`: 2/3 of the expansion, rounded up to 256."""
        return -(-round(self.expansion * width * 2 / 3) // 256) * 256

    def shapes(self):
        """Every tensor in the order of its published file, by its key without the prefix."""
        d, v = self.hidden_size, self.vocab_size
        shapes = {
            "H_init": (d,),
            "L_init": (d,),
            "embed_tokens.embedding_weight": (v, d),
            "lm_head.weight": (v, d),
            "q_head.weight": (2, d),
            "q_head.bias": (2,),
        }
        if self.ndim > 0:
            shapes["puzzle_emb.weights"] = (self.num_puzzle_identifiers, self.ndim)
        if self.pos_encodings == "learned":
            shapes["embed_pos.embedding_weight"] = (self.sequence, d)
        for level, layers in (("H_level", self.H_layers), ("L_level", self.L_layers)):
            for i in range(layers):
                for name, shape in self.block(self.mixing[level]):
                    shapes[f"{level}.layers.{i}.{name}.weight"] = shape
        return shapes

    def block(self, mixing):
        """The four matrices of one block: of what mixes positions, then of the MLP."""
        d, s = self.hidden_size, self.sequence
        if mixing:
            mix = [
                ("mlp_t.gate_up_proj", (2 * self.inter(s), s)),
                ("mlp_t.down_proj", (s, self.inter(s))),
            ]
        else:
            mix = [("self_attn.qkv_proj", (3 * d, d)), ("self_attn.o_proj", (d, d))]
        return mix + [
            ("mlp.gate_up_proj", (2 * self.inter(d), d)),
            ("mlp.down_proj", (d, self.inter(d))),
        ]

    def _block_flop(self, mixing):
        s, d = self.sequence, self.hidden_size
        mlp = 3 * d * self.inter(d) * s
        mix = 3 * s * self.inter(s) * d if mixing else 4 * d * d * s + 2 * s * s * d
        return 2 * (mlp + mix)

    def call_flop(self, level):
        """Of one call of a level on one puzzle: matrix products only, 2 a multiply-add."""
        level = "L_level" if self.single_net else level
        layers = self.H_layers if level == "H_level" else self.L_layers
        return layers * self._block_flop(self.mixing[level])

    def head_flop(self):
        return 2 * self.hidden_size * (self.sequence * self.vocab_size + 2)

    def segment_flop(self, h_cycles, l_cycles):
        low, high = self.call_flop("L_level"), self.call_flop("H_level")
        return h_cycles * (l_cycles * low + high) + self.head_flop()


class Settings:
    """`arch` and `train` of one file."""

    def __init__(self, text, name="the training config"):
        try:
            whole = json.loads(text)
            arch, train = dict(whole["arch"]), dict(whole["train"])
        except (ValueError, KeyError, TypeError) as e:
            raise InputError(
                f'{name} is not as expected: {e}; it needs an object "arch" and an object "train"'
            ) from e
        for part, given, known, others in (
            ("train", train, TRAIN, ()),
            ("arch", arch, ARCH, PUBLISHED),
        ):
            for key in given:
                if key not in known and key not in others:
                    raise InputError(
                        f"{name}: {part}.{key} is not known; the keys are {', '.join(known)}"
                    )
        self.arch = Arch(arch)
        self.train = SimpleNamespace(**{**TRAIN, **train})
        for key, allowed in CHOICES.items():
            if getattr(self.train, key) not in allowed:
                raise InputError(
                    f"{name}: train.{key} is {getattr(self.train, key)};"
                    f" it must be one of {', '.join(allowed)}"
                )

    def text(self):
        return json.dumps({"arch": self.arch.keys, "train": vars(self.train)}, indent=2)

    def max_segments(self):
        return self.train.max_segments or self.arch.halt_max_steps

    def rate(self, base, step):
        """Linear warm-up from base/warm-up at step 1, then a cosine to its floor."""
        t = self.train
        if step < t.lr_warmup_steps:
            return base * step / t.lr_warmup_steps
        done = (step - t.lr_warmup_steps) / max(1, t.steps - t.lr_warmup_steps)
        cosine = 0.5 * (1 + math.cos(math.pi * min(1, done)))
        return base * (t.lr_min_ratio + (1 - t.lr_min_ratio) * cosine)

    def rates(self, step):
        """Learning rates of what the optimizer moves, of AdamW beside Muon, of puzzle_emb."""
        t = self.train
        return [self.rate(base, step) for base in (t.lr, t.adam_lr, t.puzzle_emb_lr)]

    def depth(self, step):
        """(H_cycles, L_cycles) of a segment at a step."""
        for stretch in self.train.depth_curriculum:
            if step <= stretch["until"] * self.train.steps:
                return stretch["H_cycles"], stretch["L_cycles"]
        return self.arch.H_cycles, self.arch.L_cycles

    def step_flop(self, h_cycles, l_cycles):
        """Of one training step of the whole batch, both products of a backward call counted."""
        a = self.arch
        passes = 1 if a.no_ACT_continue else 2
        taped = l_cycles if self.train.gradient == "last-cycle" else 1
        backward = taped * a.call_flop("L_level") + a.call_flop("H_level") + a.head_flop()
        return self.train.batch * (passes * a.segment_flop(h_cycles, l_cycles) + 2 * backward)
